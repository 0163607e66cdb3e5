import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { Option } from "commander";
import { UserError } from "../../errors";
import { sameAgain } from "../../passed-on";

/** A key is never an argument: whoever lists processes would read it. */
export const keyOption = () => new Option("--key-file <file>", "file that has the key; left out: standard input");

/**
 * The key, without the line end that editors and `echo` put after it.
 *
 * @throws UserError that shows nothing of it
 */
export async function readKey(file: string | undefined): Promise<string> {
  if (file === undefined && process.stdin.isTTY) {
    throw new UserError("the key is read from a file or from standard input, and neither is given", [
      `${sameAgain()} < key`,
      sameAgain("--key-file", "key"),
    ]);
  }
  try {
    const given = file === undefined ? await text(process.stdin) : readFileSync(file, "utf8");
    return given.replace(/\r?\n$/, "");
  } catch (error) {
    throw new UserError(
      `the key cannot be read from ${file ?? "standard input"}: ${(error as NodeJS.ErrnoException).code ?? "it is no text"}`,
    );
  }
}

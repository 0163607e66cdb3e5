import { execa } from "execa";
import { readFileSync } from "node:fs";

/**
 * Commands of a runbook, each block as it stands on the page.
 *
 * @param heading of the part that they are in
 */
export function blocksOf(page: string, heading: string): string[] {
  const [, part = ""] = readFileSync(`docs/runbooks/${page}.md`, "utf8").split(`\n## ${heading}\n`);
  const [own = ""] = part.split("\n## ");
  return [...own.matchAll(/^( *)```sh\n([^]*?)^ *```$/gm)].map(([, indent = "", block = ""]) =>
    block.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
  );
}

/** The one block that has this in it. */
export function blockWith(blocks: readonly string[], text: string): string {
  const found = blocks.filter((block) => block.includes(text));
  if (found.length !== 1) throw new Error(`${found.length} blocks of the runbook have "${text}" in them`);
  return found[0] ?? "";
}

/** Types commands, with values for the variables that the page sets; what goes wrong is thrown with all that was printed. */
export const type = async (commands: string, env: Readonly<Record<string, string>>): Promise<string> =>
  (await execa("bash", ["-eu", "-o", "pipefail", "-c", commands], { env, all: true, stdin: "ignore" })).all;

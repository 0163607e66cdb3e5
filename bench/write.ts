import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { format } from "prettier";
import { checkout } from "../sandbox/paths";
import { withBlock } from "./tables";

/** Which files quote measurements, and what each says of them. */
type Quotes<R> = Readonly<Record<string, (results: R) => string>>;

/** Writes measurements to `bench/results/<name>.json`, and into each file that quotes them what it says of them. */
export async function writeResults<R>(name: string, results: R, quotes: Quotes<R>, command: string): Promise<void> {
  const root = checkout();
  const json = await format(JSON.stringify(results), { parser: "json", printWidth: 140 });
  writeFileSync(join(root, "bench", "results", `${name}.json`), json);
  for (const [file, block] of Object.entries(quotes)) {
    const path = join(root, file);
    writeFileSync(path, await withBlock(readFileSync(path, "utf8"), block(results), command));
    console.log(block(results));
  }
}

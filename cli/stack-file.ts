import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseDocument, Scalar } from "yaml";
import type { ImageChange } from "./images";
import type { Target } from "./target";

/** The file that a target works with: on a sandbox its copy, of which the next run makes another. */
const fileOf = ({ stack, env }: Target): string => env["PULUMI_OPTION_CONFIG_FILE"] ?? `Pulumi.${stack}.yaml`;

/** A stack's file with images changed, and nothing else of it: what people have written beside it stays. */
export function withImages(text: string, changes: readonly ImageChange[]): string {
  const document = parseDocument(text);
  for (const { path, to } of changes) {
    if (to === undefined) document.deleteIn(["config", ...path]);
    else document.setIn(["config", ...path], quoted(to));
  }
  return document.toString({ lineWidth: 0 });
}

/** In quotes: a tag of digits, or one that looks like a date, is text. */
function quoted(text: string): Scalar {
  const scalar = new Scalar(text);
  scalar.type = Scalar.QUOTE_DOUBLE;
  return scalar;
}

/**
 * Works on a target as if its file had other images. The file itself is written only when `keep` is called.
 */
export async function tryingImages(
  target: Target,
  changes: readonly ImageChange[],
  work: (trial: Target, keep: () => void) => Promise<void>,
): Promise<void> {
  const file = fileOf(target);
  const changed = withImages(readFileSync(file, "utf8"), changes);
  const folder = mkdtempSync(join(tmpdir(), "stackyard-"));
  const trial = join(folder, `Pulumi.${target.stack}.yaml`);
  writeFileSync(trial, changed, { mode: 0o600 });
  try {
    await work({ ...target, env: { ...target.env, PULUMI_OPTION_CONFIG_FILE: trial } }, () => writeFileSync(file, changed));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

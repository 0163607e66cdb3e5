import { execFile } from "node:child_process";
import { access, constants } from "node:fs/promises";
import { delimiter, join } from "node:path";

/** Folder of the first program of that name on a PATH, as a shell would find it. */
export async function folderOf(program: string, path: string): Promise<string | undefined> {
  for (const folder of path.split(delimiter)) if (folder && (await runs(join(folder, program)))) return folder;
  return undefined;
}

export const runs = (file: string): Promise<boolean> =>
  access(file, constants.X_OK).then(
    () => true,
    () => false,
  );

/** The first version number in what a program prints; undefined where it prints none within ten seconds. */
export function versionOf(file: string, ask: readonly string[]): Promise<string | undefined> {
  const env = { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" };
  return new Promise((resolve) =>
    execFile(file, ask, { timeout: 10_000, env }, (_error, stdout, stderr) => resolve(/\d+\.\d+\.\d+/.exec(stdout + stderr)?.[0])),
  );
}

/** Whether a version is not older than the oldest that will do, and promises to be compatible with it. */
export function suits(version: string, minimum: string): boolean {
  const [found, oldest] = [version, minimum].map((text) => text.split(".").map(Number)) as [number[], number[]];
  const promise = oldest[0] === 0 ? 2 : 1;
  for (const [place, least] of oldest.entries()) {
    const is = found[place] ?? 0;
    if (is !== least) return is > least && place >= promise;
  }
  return true;
}

import { execa } from "execa";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { inFolder, yamlOf } from "./judges/judge";
import type { Manifest } from "./manifests";

/** Characters of what it says. */
const LONGEST = 160;

type Env = Readonly<Record<string, string>>;

/** What the API server refuses of a manifest; nothing where it would take all of it. A namespace that is not there is made for the asking. */
export async function refusalOf({ objects }: Manifest, env: Env): Promise<string | undefined> {
  for (const namespace of new Set(objects.flatMap(({ metadata }) => metadata.namespace ?? []))) {
    await execa("kubectl", ["create", "namespace", namespace], { env, reject: false });
  }
  return inFolder(async (folder) => {
    const file = join(folder, "manifest.yaml");
    writeFileSync(file, yamlOf(objects), { mode: 0o600 });
    const { exitCode, stderr } = await execa("kubectl", ["create", "--dry-run=server", "--filename", file], { env, reject: false });
    // what is there already is no reason against the manifest
    const lines = stderr.split("\n").filter((line) => line !== "" && !/AlreadyExists|^Warning|already exists/.test(line));
    return exitCode === 0
      ? undefined
      : lines[0]?.replace(/^Error from server \(\w+\): error when creating "[^"]*": /, "").slice(0, LONGEST);
  });
}

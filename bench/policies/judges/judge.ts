import { execa } from "execa";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import type { KubernetesObject } from "../../objects";
import type { Manifest } from "../manifests";

/** The ids of the checks that each manifest does not pass, by the manifest's name; a check that says several things has an id for each. */
export type Findings = ReadonlyMap<string, readonly string[]>;

/** A tool that judges manifests. */
export interface Judge {
  readonly name: string;
  readonly judge: (manifests: readonly Manifest[]) => Promise<Findings>;
}

/** One YAML file of objects. */
export const yamlOf = (objects: readonly KubernetesObject[]): string =>
  objects.map((object) => stringify(object, { aliasDuplicateObjects: false })).join("---\n");

/** Runs something with a new temporary folder that only its owner can read, and removes it. */
export async function inFolder<T>(run: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "stackyard-policies-"));
  try {
    return await run(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Asks a program about each manifest by itself, in a file of its own. */
export async function oneByOne(manifests: readonly Manifest[], ask: (file: string) => Promise<readonly string[]>): Promise<Findings> {
  return inFolder(async (folder) => {
    const file = join(folder, "manifest.yaml");
    const found = new Map<string, string[]>();
    for (const { name, objects } of manifests) {
      writeFileSync(file, yamlOf(objects), { mode: 0o600 });
      found.set(name, [...new Set(await ask(file))].sort());
    }
    return found;
  });
}

/**
 * What a program prints as JSON, whether or not it finds something.
 *
 * @throws Error with what it said where it printed none
 */
export async function answer<T>(program: string, args: readonly string[], signal?: AbortSignal): Promise<T> {
  const { stdout, stderr } = await execa(program, args, { reject: false, cancelSignal: signal, stripFinalNewline: true });
  const begin = stdout.search(/^([[{]|null$)/m);
  if (begin < 0) throw new Error(`${program} ${args.join(" ")} printed no JSON:\n${(stderr || stdout).slice(-2000)}`);
  return JSON.parse(stdout.slice(begin)) as T;
}

import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { writeObjects, type KubernetesObject } from "../objects";
import { writeChart } from "../tenants/helm";
import type { Places, Shard, StackFiles } from "./subjects";

type Config = Readonly<Record<string, unknown>>;
interface FluxionDbSection {
  readonly image: { readonly tag: string };
  readonly tenants: Readonly<Record<string, unknown>>;
}

/** The one line that a change changes: the tag of the image, which all copies have. */
const CHANGED_TAG = "1.0.4";

export const copyNames = (count: number): string[] => Array.from({ length: count }, (_, i) => `copy-${String(i).padStart(4, "0")}`);

/** Writes a stack's file with FluxionDB alone, so many tenants of it, as it is and with one line changed. */
export function writeConfigs(stackFile: string, names: readonly string[], folder: string): StackFiles {
  const { config, ...rest } = parse(readFileSync(stackFile, "utf8")) as { config: Config };
  const section = config["stackyard:fluxiondb"] as FluxionDbSection;
  const [tenant] = Object.values(section.tenants);
  const tenants = Object.fromEntries(names.map((name) => [name, tenant]));
  const write = (name: string, tag: string): string => {
    const given = {
      "stackyard:cluster": config["stackyard:cluster"],
      "stackyard:policy": config["stackyard:policy"],
      "stackyard:layers": ["fluxiondb"],
      "stackyard:fluxiondb": { ...section, image: { ...section.image, tag }, tenants },
    };
    const file = join(folder, `Pulumi.${name}.yaml`);
    const options = { defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "PLAIN" } as const;
    writeFileSync(file, stringify({ ...rest, config: given }, options), { mode: 0o600 });
    return file;
  };
  return { config: write("as-it-is", section.image.tag), changedConfig: write("changed", CHANGED_TAG) };
}

/** The same in stacks of so many tenants each. */
export const writeShards = (stackFile: string, names: readonly string[], each: number, folder: string): Shard[] =>
  Array.from({ length: Math.ceil(names.length / each) }, (_, i) => ({
    stack: `shard-${String(i).padStart(4, "0")}`,
    ...writeConfigs(stackFile, names.slice(i * each, (i + 1) * each), mkdtempSync(join(folder, "shard-"))),
  }));

/** Writes what peers bring up: the objects of one copy, as often as there are copies. They hold secrets in clear, as the folder's owner alone reads. */
export function writePeers(
  objects: readonly KubernetesObject[],
  names: readonly string[],
  folder: string,
): Omit<Places, keyof StackFiles | "shards" | "helmfile"> {
  const [first = ""] = names;
  const text = JSON.stringify(objects);
  const changed = JSON.parse(text.replaceAll(/"([^"]*\/fluxiondb[^"]*):[\w.-]+"/g, `"$1:${CHANGED_TAG}"`)) as KubernetesObject[];
  if (JSON.stringify(changed) === text) throw new Error("no image of the objects is FluxionDB's: nothing would be changed");
  const copies = (of: readonly KubernetesObject[]) =>
    names.flatMap((name) => JSON.parse(JSON.stringify(of).replaceAll(first, name)) as KubernetesObject[]);
  const releases = (name: string, of: readonly KubernetesObject[]): string => {
    const place = join(folder, name);
    mkdirSync(place, { recursive: true, mode: 0o700 });
    const chart = writeChart(of, first, place);
    const file = join(place, "helmfile.yaml");
    const all = names.map((release) => ({ name: release, namespace: "default", chart }));
    writeFileSync(file, stringify({ helmDefaults: { wait: true, timeout: 900 }, releases: all }));
    return file;
  };
  return {
    objects: writeObjects(copies(objects)),
    changedObjects: writeObjects(copies(changed)),
    releases: releases("releases", objects),
    changedReleases: releases("changed-releases", changed),
  };
}

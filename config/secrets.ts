import { Config, type Output } from "@pulumi/pulumi";
import { keyOf, type Commands, type Path } from "./commands";
import type { Given } from "./given";
import { layerOf, type LayerName } from "./layers";
import type { Problem } from "./problems";

/** The value of one secret of the config, as a secret. */
export const secretOf = (name: string): Output<string> =>
  new Config("stackyard").requireSecretObject<Record<string, string>>("secrets").apply((secrets) => {
    const value = secrets[name];
    if (value === undefined) throw new RangeError(`stackyard:secrets has no key "${name}"`);
    return value;
  });

const isMap = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);
const mapOf = (value: unknown) => (isMap(value) ? value : {});
const isEncrypted = (value: unknown) => isMap(value) && typeof value["secure"] === "string";

/** Paths of the single values in a part of the file that are encrypted, or that are not. */
const leaves = (value: unknown, encrypted: boolean, path: Path = []): Path[] =>
  isEncrypted(value) || typeof value !== "object" || value === null
    ? isEncrypted(value) === encrypted && value !== undefined
      ? [path]
      : []
    : Object.entries(value).flatMap(([step, inner]) => leaves(inner, encrypted, [...path, Array.isArray(value) ? Number(step) : step]));

/** Every secret that stands in clear, stands in the wrong place, or is named and not there. No value of a secret gets into what is said. */
export function secretProblems(given: Given, layers: readonly LayerName[], commands: Commands): Problem[] {
  return [
    ...inClear(given, commands),
    ...layers.flatMap((layer) => [...misplaced(layer, given, commands), ...missing(layer, given, commands)]),
  ];
}

function inClear({ values, encrypted, file }: Given, commands: Commands): Problem[] {
  const paths = encrypted.has("secrets") ? leaves(file["secrets"], false) : Object.keys(mapOf(values["secrets"])).map((name) => [name]);
  return paths.map((path) => {
    const key = keyOf(["secrets", ...path]);
    return {
      key,
      reason: "stands in clear: whoever reads the file has it. Set it encrypted; if the file has left this machine, set a new value",
      remedies: [commands.setSecret(key)],
    };
  });
}

/** Values that are encrypted inside a section: they would come out in clear among what is shown and kept. */
function misplaced(layer: LayerName, { encrypted, file }: Given, commands: Commands): Problem[] {
  if (!encrypted.has(layer)) return [];
  const paths = leaves(file[layer], true);
  return (paths.length > 0 ? paths : [[]]).map((path) => {
    const key = keyOf([layer, ...path]);
    const field = String(path.at(-1));
    return {
      key,
      reason: "holds an encrypted value, and a section holds none: it names a key of stackyard:secrets",
      remedies: [commands.remove(key), ...(field in layerOf(layer).secrets ? refer(layer, field, commands) : [])],
    };
  });
}

/** What a section names and stackyard:secrets has not. What is given may be the secret itself: it is not repeated. */
function missing(layer: LayerName, { values, encrypted }: Given, commands: Commands): Problem[] {
  if (encrypted.has(layer)) return [];
  const secrets = mapOf(values["secrets"]);
  const named = mapOf(mapOf(values[layer])["secrets"]);
  const wrong = Object.keys(layerOf(layer).secrets).filter(
    (field) => typeof named[field] === "string" && !Object.hasOwn(secrets, named[field]),
  );
  return wrong.map((field) => ({
    key: keyOf([layer, "secrets", field]),
    reason: `names no key of stackyard:secrets (it has ${Object.keys(secrets).join(", ") || "none"}). If it is the secret itself, it stands in the file in clear: set a new value`,
    remedies: refer(layer, field, commands),
  }));
}

/** Puts a secret where secrets are, under a name that tells whose it is, and has the section name it. */
function refer(layer: LayerName, field: string, commands: Commands): string[] {
  const name = `${layer}-${layerOf(layer).secrets[field]}`;
  return [commands.setSecret(keyOf(["secrets", name])), commands.set(keyOf([layer, "secrets", field]), name)];
}

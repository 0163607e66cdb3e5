import { Config, type Output } from "@pulumi/pulumi";
import { keyOf, type Commands, type Path } from "./commands";
import { isEncrypted, type Given } from "./given";
import { SECRETS, SECTION_NAMES, type SectionName } from "./layers";
import type { Problem } from "./problem";

/** The value of one secret of the config, as a secret. */
export const secretOf = (name: string): Output<string> =>
  new Config("stackyard").requireSecretObject<Record<string, string>>("secrets").apply((secrets) => {
    const value = secrets[name];
    if (value === undefined) throw new RangeError(`stackyard:secrets has no key "${name}"`);
    return value;
  });

/** Stands for every name in the place of a secret. */
const ANY = "*";

const isMap = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);
const mapOf = (value: unknown) => (isMap(value) ? value : {});

/** Paths of the single values in a part of the file that are encrypted, or that are not. */
const leaves = (value: unknown, encrypted: boolean, path: Path = []): Path[] =>
  isEncrypted(value) || typeof value !== "object" || value === null
    ? isEncrypted(value) === encrypted && value !== undefined
      ? [path]
      : []
    : Object.entries(value).flatMap(([step, inner]) => leaves(inner, encrypted, [...path, Array.isArray(value) ? Number(step) : step]));

/** Every secret that stands in clear, stands in the wrong place, or is named and not there. No value of a secret gets into what is said. */
export function secretProblems(given: Given, commands: Commands): Problem[] {
  return [
    ...inClear(given, commands),
    ...SECTION_NAMES.flatMap((section) => [...misplaced(section, given, commands), ...missing(section, given, commands)]),
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
function misplaced(section: SectionName, { encrypted, file }: Given, commands: Commands): Problem[] {
  if (!encrypted.has(section)) return [];
  const paths = leaves(file[section], true);
  return (paths.length > 0 ? paths : [[]]).map((path) => ({
    key: keyOf([section, ...path]),
    reason: "holds an encrypted value, and a section holds none: it names a key of stackyard:secrets",
    remedies: [commands.remove(keyOf([section, ...path])), ...refer(section, path, commands)],
  }));
}

/** What a section names and stackyard:secrets has not. What is given may be the secret itself: it is not repeated. */
function missing(section: SectionName, { values, encrypted }: Given, commands: Commands): Problem[] {
  if (encrypted.has(section)) return [];
  const secrets = mapOf(values["secrets"]);
  return named(section, values[section])
    .filter(({ name }) => !Object.hasOwn(secrets, name))
    .map(({ path }) => ({
      key: keyOf([section, ...path]),
      reason: `names no key of stackyard:secrets (it has ${Object.keys(secrets).join(", ") || "none"}). If it is the secret itself, it stands in the file in clear: set a new value`,
      remedies: refer(section, path, commands),
    }));
}

/** Every place of a section that names a secret, and the name that stands there. */
const named = (section: SectionName, given: unknown) =>
  SECRETS[section].flatMap(({ under, fields }) =>
    mapsAt(given, under).flatMap(({ path, map }) =>
      Object.entries(map).flatMap(([field, name]) =>
        typeof name === "string" && (fields === undefined || Object.hasOwn(fields, field)) ? [{ path: [...path, field], name }] : [],
      ),
    ),
  );

/** The maps at a place, of which there are several where it has a `*`. */
function mapsAt(
  value: unknown,
  [step, ...rest]: readonly string[],
  path: string[] = [],
): { path: string[]; map: Record<string, unknown> }[] {
  if (step === undefined) return [{ path, map: mapOf(value) }];
  const steps = step === ANY ? Object.keys(mapOf(value)) : [step];
  return steps.flatMap((name) => mapsAt(mapOf(value)[name], rest, [...path, name]));
}

/** Puts a secret where secrets are, under a name that tells whose it is, and has the section name it. Nothing, where none belongs. */
function refer(section: SectionName, path: Path, commands: Commands): string[] {
  const place = path.slice(0, -1).map(String);
  const field = String(path.at(-1));
  const whose = SECRETS[section].find(
    ({ under, fields = { [field]: "" } }) =>
      Object.hasOwn(fields, field) && under.length === place.length && under.every((step, i) => step === ANY || step === place[i]),
  );
  if (!whose) return [];
  const among = place.filter((_, i) => whose.under[i] === ANY || (whose.fields === undefined && whose.under[i] !== "secrets"));
  const name = [section, ...among, whose.fields?.[field] ?? field].join("-").toLowerCase().replaceAll("_", "-");
  return [commands.setSecret(keyOf(["secrets", name])), commands.set(keyOf([section, ...path]), name)];
}

/** The same for a field of any section; nothing, where it names no secret. */
export function secretCommands([first, ...path]: Path, commands: Commands): string[] {
  const section = SECTION_NAMES.find((name) => name === first);
  return section ? refer(section, path, commands) : [];
}

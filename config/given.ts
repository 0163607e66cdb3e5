import * as pulumi from "@pulumi/pulumi";
import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { parse } from "yaml";

const PREFIX = "stackyard:";

/** A stack's config as Pulumi hands it to the program. Names are those of the keys after `stackyard:`. */
export interface Given {
  readonly values: Readonly<Record<string, unknown>>;
  /** Names of what holds encrypted values; in `values` they stand decrypted. */
  readonly encrypted: ReadonlySet<string>;
  /** The same as the file has it: what is encrypted there stands as `{ secure: … }`. Nothing where there is no such file. */
  readonly file: Readonly<Record<string, unknown>>;
}

// the SDK has it, and leaves it out of its types
const runtime = pulumi.runtime as typeof pulumi.runtime & { readonly isConfigSecret: (key: string) => boolean };

export function given(stack: string): Given {
  const keys = Object.entries(pulumi.runtime.allConfig()).filter(([key]) => key.startsWith(PREFIX));
  return {
    values: Object.fromEntries(keys.map(([key, value]) => [nameOf(key), valueOf(value)])),
    encrypted: new Set(keys.filter(([key]) => runtime.isConfigSecret(key)).map(([key]) => nameOf(key))),
    file: readStackFile(process.env["PULUMI_OPTION_CONFIG_FILE"] ?? `Pulumi.${stack}.yaml`),
  };
}

/**
 * The same of files alone, without the engine: for who is about to run several stacks, and checks all of them first. What is encrypted
 * stands as a text that says so.
 *
 * @param stackFile path of the `Pulumi.<stack>.yaml` that the run will use
 * @param projectFile path of the `Pulumi.yaml` whose `config` all stacks share
 */
export function givenInFiles(stackFile: string, projectFile = "Pulumi.yaml"): Given {
  const file = readStackFile(stackFile);
  const shared = mapped(readStackFile(projectFile), (value) => (isShared(value) ? (value.value ?? value.default) : value));
  const whole = Object.entries({ ...shared, ...file }).filter(([, value]) => value !== null);
  const values = mapped(Object.fromEntries(whole), (value) =>
    typeof value === "string" ? valueOf(value) : (JSON.parse(JSON.stringify(value), hidden) as unknown),
  );
  const encrypted = whole
    .filter(([name, value]) => typeof value === "object" && !isDeepStrictEqual(value, values[name]))
    .map(([name]) => name);
  return { values, encrypted: new Set(encrypted), file };
}

const mapped = (map: Record<string, unknown>, change: (value: unknown) => unknown): Record<string, unknown> =>
  Object.fromEntries(Object.entries(map).map(([name, value]) => [name, change(value)]));

/** A setting of `Pulumi.yaml`, which may stand under `value`, or under `default` beside its type. */
const isShared = (value: unknown): value is { readonly value?: unknown; readonly default?: unknown } =>
  typeof value === "object" && value !== null && ("value" in value || "type" in value);

/** As a reviver of JSON: something that may be read in the place of what is encrypted. */
const hidden = (_: string, value: unknown): unknown => (isEncrypted(value) ? "encrypted" : value);

/** Whether a value of a stack's file is one that Pulumi has encrypted. */
export const isEncrypted = (value: unknown): boolean =>
  typeof value === "object" && value !== null && "secure" in value && typeof value.secure === "string";

/** The project's own keys need no prefix in `Pulumi.yaml`. */
const nameOf = (key: string) => (key.startsWith(PREFIX) ? key.slice(PREFIX.length) : key);

/** Maps, lists, true and false come as JSON; a key with nothing after it comes as an empty text. */
function valueOf(value: string): unknown {
  if (value === "") return undefined;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}

/** Only the file tells which single value is encrypted. Without it (config may come from elsewhere) the engine's word on whole keys counts. */
function readStackFile(path: string): Record<string, unknown> {
  try {
    const { config = {} } = parse(readFileSync(path, "utf8")) as { config?: Record<string, unknown> };
    const keys = Object.entries(config).filter(([key]) => key.startsWith(PREFIX) || !key.includes(":"));
    return Object.fromEntries(keys.map(([key, value]) => [nameOf(key), value]));
  } catch {
    return {};
  }
}

import * as pulumi from "@pulumi/pulumi";
import { readFileSync } from "node:fs";
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

const nameOf = (key: string) => key.slice(PREFIX.length);

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
    return Object.fromEntries(Object.entries(config).map(([key, value]) => [nameOf(key), value]));
  } catch {
    return {};
  }
}

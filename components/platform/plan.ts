import * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";
import { checked } from "../kubernetes/arguments";
import { PlatformOptions, SECRET_FIELDS, type PlatformInput, type PlatformPlan } from "./options";

/** Options of the platform, and the secrets that they name. */
export interface PlatformSettings extends PlatformInput {
  /** Values of the secrets, by the name that the options give them. */
  readonly secretValues?: Readonly<Record<string, pulumi.Input<string>>>;
  /** Whether Pulumi refuses to delete the namespaces. @default false */
  readonly protectNamespaces?: boolean;
}

/** All that the objects are made from. */
export interface Plan {
  readonly options: PlatformPlan;
  readonly protectNamespaces: boolean;
  /** The value of a secret that the options name. */
  readonly secretValue: (name: string) => pulumi.Input<string>;
}

/** A map of options in which secrets are named, and where it is. */
interface Named {
  readonly path: string;
  readonly name: string;
}

const isMap = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

/** Every secret that the options name, and where. */
export const namedSecrets = (options: unknown): Named[] =>
  SECRET_FIELDS.flatMap(({ under, fields }) =>
    mapsAt(options, under).flatMap(({ path, map }) =>
      Object.keys(fields).flatMap((field) => {
        const name = map[field];
        return typeof name === "string" ? [{ path: [...path, field].join("."), name }] : [];
      }),
    ),
  );

function mapsAt(
  value: unknown,
  [step, ...rest]: readonly string[],
  path: string[] = [],
): { path: string[]; map: Record<string, unknown> }[] {
  if (!isMap(value)) return [];
  if (step === undefined) return [{ path, map: value }];
  const steps = step === "*" ? Object.keys(value) : [step];
  return steps.flatMap((name) => mapsAt(value[name], rest, [...path, name]));
}

/**
 * The plan that the arguments ask for.
 *
 * @throws pulumi.InputPropertiesError that names all that is wrong with them
 */
export function planOf(component: string, { secretValues = {}, protectNamespaces = false, ...given }: PlatformSettings): Plan {
  const what = `Platform "${component}"`;
  const options: z.output<typeof PlatformOptions> = checked(PlatformOptions, given, what);
  const missing = namedSecrets(options).filter(({ name }) => secretValues[name] === undefined);
  if (missing.length > 0) {
    const errors = missing.map(({ path }) => ({
      propertyPath: path,
      reason: "names a secret whose value is not among secretValues: give it",
    }));
    throw new pulumi.InputPropertiesError({ message: `${what} was not planned: ${errors.length} of its secrets are missing`, errors });
  }
  return {
    options,
    protectNamespaces,
    secretValue: (name) => pulumi.secret(secretValues[name] ?? ""),
  };
}

/** Names of the installed things: fixed, so that others can name them. */
export const isInstalled = <Part extends { readonly existing: boolean }>(part: Part | undefined): part is Part =>
  part !== undefined && !part.existing;

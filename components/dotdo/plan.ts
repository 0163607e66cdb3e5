import * as pulumi from "@pulumi/pulumi";
import { checked, split } from "../kubernetes/arguments";
import { labelsOf, Metadata, selectorOf } from "../kubernetes/metadata";
import type { Reachable } from "../kubernetes/network";
import { DotdoInput, DotdoOptions, DotdoPlan, DotdoSecret, DotdoSecrets } from "./options";

/** Options of dotdo; where an option can come from another resource, it may be an Output. */
export interface DotdoSettings extends Omit<DotdoInput, "env" | "namespace"> {
  /** Variables of the container (contract 1.3); any name that the component does not set itself. */
  readonly env?: Readonly<Record<string, pulumi.Input<string | number | boolean> | undefined>>;
  /** Namespace that everything is in. @default one that is made, named like the component */
  readonly namespace?: Omit<NonNullable<DotdoInput["namespace"]>, "name"> & { readonly name?: pulumi.Input<string> };
  /** Values of the Secret, which is made where there are any. */
  readonly secretValues?: Readonly<Partial<Record<DotdoSecret, pulumi.Input<string>>>>;
  /** What the Secret that exists has: pods wait for it. @default not known, so that pods start with what is there */
  readonly existingKeys?: readonly DotdoSecret[];
  /** What the pods connect to inside the cluster, beside `networkPolicy.egress`. */
  readonly connectsTo?: readonly Reachable[];
}

/** All that the objects are made from. */
export interface Plan {
  readonly options: DotdoPlan;
  /** Name of the objects. */
  readonly name: string;
  readonly namespace: pulumi.Input<string>;
  readonly selector: Record<string, string>;
  readonly labels: Record<string, string>;
  readonly env: Record<string, pulumi.Input<string>>;
  readonly secretValues: Partial<Record<DotdoSecret, pulumi.Input<string>>>;
  readonly existingKeys?: readonly DotdoSecret[];
  readonly connectsTo: readonly Reachable[];
}

const Arguments = DotdoOptions.safeExtend({ secretValues: DotdoSecrets });

/**
 * The plan that the arguments ask for.
 *
 * @throws pulumi.InputPropertiesError that names all that is wrong with them
 */
export function planOf(component: string, settings: DotdoSettings): Plan {
  const { connectsTo = [], existingKeys, namespace = {}, ...rest } = settings;
  const env = split(settings.env);
  const secrets = split(settings.secretValues);
  const place = split({ name: namespace.name });

  const { secretValues, ...options } = checked(
    Arguments,
    { ...rest, namespace: { ...namespace, name: undefined, ...place.now }, env: env.now, secretValues: secrets.now },
    `Dotdo "${component}"`,
  );
  const name = options.fullnameOverride ?? component;
  const selector = selectorOf("dotdo", name);
  return {
    options,
    name,
    namespace: place.later["name"] ?? options.namespace.name ?? name,
    selector,
    labels: labelsOf(selector, options.labels),
    env: {
      ...variablesOf(options.env),
      ...Object.fromEntries(Object.entries(env.later).map(([name, value]) => [name, pulumi.output(value).apply(String)])),
    },
    secretValues: { ...secretValues, ...secrets.later },
    existingKeys,
    connectsTo,
  };
}

/** Variables are text, and an empty one is not set. */
export const variablesOf = (values: DotdoPlan["env"]): Record<string, string> =>
  Object.fromEntries(
    Object.entries(values)
      .filter(([, value]) => value !== "")
      .map(([name, value]) => [name, String(value)]),
  );

export const metadataOf = ({ name, namespace, labels }: Plan, suffix = ""): Metadata => ({ name: `${name}${suffix}`, namespace, labels });

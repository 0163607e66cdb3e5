import type * as pulumi from "@pulumi/pulumi";
import { checked, split } from "../kubernetes/arguments";
import { labelsOf, Metadata, selectorOf } from "../kubernetes/metadata";
import type { Quota } from "../kubernetes/quota";
import { Data, dataOf } from "./data";
import { edgeOf } from "./edge-options";
import { PlinkoInput, PlinkoOptions, PlinkoPlan } from "./options";

/** Options of Plinko PIR; the namespace may come from another resource. */
export interface PlinkoSettings extends Omit<PlinkoInput, "namespace"> {
  /** Namespace that everything is in. @default one that is made, named like the component */
  readonly namespace?: Omit<NonNullable<PlinkoInput["namespace"]>, "name"> & { readonly name?: pulumi.Input<string> };
  /** What all of its pods and claims may ask for. @default no limit */
  readonly quota?: Quota;
}

/** All that the objects are made from. */
export interface Plan {
  readonly options: PlinkoPlan;
  /** Beginning of the objects' names. */
  readonly name: string;
  readonly namespace: pulumi.Input<string>;
  readonly data: Data;
  readonly edge: ReturnType<typeof edgeOf>;
  readonly quota?: Quota;
}

/** The workloads, by the names of seed 002. */
export type Part = "eth-mock" | "db-generator" | "hint-generator" | "update-service" | "pir-server" | "cdn-mock" | "rabby-wallet";

const APP = "plinko";

/**
 * The plan that the arguments ask for.
 *
 * @throws pulumi.InputPropertiesError that names all that is wrong with them
 */
export function planOf(component: string, settings: PlinkoSettings): Plan {
  const { namespace = {}, quota, ...rest } = settings;
  const place = split({ name: namespace.name });
  const options = checked(PlinkoOptions, { ...rest, namespace: { ...namespace, name: undefined, ...place.now } }, `Plinko "${component}"`);
  const name = options.fullnameOverride ?? component;
  return {
    options,
    name,
    namespace: place.later["name"] ?? options.namespace.name ?? name,
    data: dataOf(name, options),
    edge: edgeOf(options.global, options.ingress),
    quota,
  };
}

export const selectorFor = ({ name }: Plan, part?: Part): Record<string, string> => selectorOf(APP, name, part);

/** Name, namespace and labels of a workload and of what belongs to it. */
export const metadataOf = (plan: Plan, part: Part): Metadata => ({
  name: `${plan.name}-${part}`,
  namespace: plan.namespace,
  labels: labelsOf(selectorFor(plan, part), plan.options.labels),
});

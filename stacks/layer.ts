import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { setImmediate } from "node:timers/promises";
import type { Ask } from "./identity";
import type { ReadStack } from "./references";
import type { PullsIn } from "./registry";

/** What a layer may know before anything is planned. */
export interface Questions {
  /** Name of the stack. */
  readonly stack: string;
  /** How the cluster is asked for what it has. */
  readonly ask: Ask;
  /** How other stacks are asked for what they export. */
  readonly read: ReadStack;
}

/** What every layer is deployed with. */
export interface LayerContext {
  /** The one provider of the stack, bound to its cluster. */
  readonly provider: k8s.Provider;
  /** Whether Pulumi refuses to delete namespaces: those of dotdo, the starter and the platform; those of tenants are kept instead. */
  readonly protect: boolean;
  /** To be called for each namespace in which the layer has pods. */
  readonly pullsIn: PullsIn;
  /** What this stack itself deploys of operators: what needs them is made after them. */
  readonly operators: readonly pulumi.Resource[];
}

/** What a layer leaves behind for others. */
export interface Deployed {
  /** What it exports under its name. */
  readonly outputs: pulumi.Inputs;
  /** Secret values that it exports under its name, by their names in the contract. */
  readonly secrets?: Readonly<Record<string, pulumi.Output<string>>>;
  /** Objects that a destroy leaves in the cluster. */
  readonly kept: readonly pulumi.Input<pulumi.Inputs>[];
  /** What has operators that later layers make objects for. */
  readonly operators?: readonly pulumi.Resource[];
  /** What it serves outside of the cluster. */
  readonly served?: readonly Served[];
}

/** Hosts that are served at one address. */
export interface Served {
  readonly urls: pulumi.Input<readonly string[]>;
  /** Of their Ingress, empty while it has none; left out where the platform's Gateway serves them. */
  readonly address?: pulumi.Input<string>;
}

/** Hosts with the address of their Ingress, or none where a Gateway serves them. */
export const servedBy = (
  { gateway }: { readonly gateway?: object },
  urls: pulumi.Input<readonly string[]>,
  address: pulumi.Input<string>,
): Served => ({ urls, ...(gateway === undefined && { address }) });

/** Deploys a layer whose questions to the cluster, if it has any, are answered. */
export type Deploy = (context: LayerContext) => Deployed | Promise<Deployed>;

/**
 * Lets a preview begin with what is planned so far while the rest is planned. An update gets all at once: where planning fails in the
 * middle, it has changed nothing.
 */
export const handOver = async (): Promise<void> => {
  if (pulumi.runtime.isDryRun()) await setImmediate();
};

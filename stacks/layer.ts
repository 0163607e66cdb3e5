import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Ask } from "./identity";
import type { ReadStack } from "./references";

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
  /** Whether namespaces and data are protected from being deleted. */
  readonly protect: boolean;
}

/** What a layer leaves behind for others. */
export interface Deployed {
  /** What it exports under its name. */
  readonly outputs: pulumi.Inputs;
  /** Secret values that it exports under its name, by their names in the contract. */
  readonly secrets?: Readonly<Record<string, pulumi.Output<string>>>;
  /** Objects that a destroy leaves in the cluster. */
  readonly kept: readonly pulumi.Input<pulumi.Inputs>[];
}

/** Deploys a layer whose questions to the cluster, if it has any, are answered. */
export type Deploy = (context: LayerContext) => Deployed;

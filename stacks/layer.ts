import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Transform } from "../components/kubernetes/child";
import type { Ask } from "./identity";

/** What a layer may know before anything is planned. */
export interface Questions {
  /** Name of the stack. */
  readonly stack: string;
  /** How the cluster is asked for what it has. */
  readonly ask: Ask;
}

/** What every layer is deployed with. */
export interface LayerContext {
  /** The one provider of the stack, bound to its cluster. */
  readonly provider: k8s.Provider;
  /** Whether namespaces and data are protected from being deleted. */
  readonly protect: boolean;
  /** What this stack itself deploys of operators: objects that they read are made after them. */
  readonly operators: readonly pulumi.Resource[];
}

/** What a layer leaves behind for others. */
export interface Deployed {
  /** What it exports under its name. */
  readonly outputs: pulumi.Inputs;
  /** Objects that a destroy leaves in the cluster. */
  readonly kept: readonly pulumi.Input<pulumi.Inputs>[];
  /** What has operators that later layers make objects for. */
  readonly operators?: readonly pulumi.Resource[];
}

/** Has an object wait for the operators of this stack, whose CRDs and namespaces it needs. */
export const afterOperators =
  ({ operators }: LayerContext): Transform<unknown> =>
  (_args, opts) => {
    opts.dependsOn = [...operators];
  };

/** Deploys a layer whose questions to the cluster, if it has any, are answered. */
export type Deploy = (context: LayerContext) => Deployed;

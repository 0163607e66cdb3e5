import type * as k8s from "@pulumi/kubernetes";

/** What every layer is deployed with. */
export interface LayerContext {
  /** The one provider of the stack, bound to its cluster. */
  readonly provider: k8s.Provider;
  /** Whether namespaces and data are protected from being deleted. */
  readonly protect: boolean;
}

import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { OURS } from "./metadata";

/** What all pods and claims of a namespace may ask for together. */
export interface Quota {
  readonly pods?: number;
  /** CPU and memory that all pods request, storage that all claims request, as Kubernetes quantities. */
  readonly cpu?: string;
  readonly memory?: string;
  readonly storage?: string;
}

/** A quota of a whole namespace. */
export const quotaOf = (name: string, namespace: pulumi.Input<string>, { pods, cpu, memory, storage }: Quota) => {
  const amounts = { pods: pods?.toString(), "requests.cpu": cpu, "requests.memory": memory, "requests.storage": storage };
  const hard = Object.fromEntries(Object.entries(amounts).flatMap(([name, amount]) => (amount === undefined ? [] : [[name, amount]])));
  return { metadata: { name, namespace, labels: OURS }, spec: { hard } } satisfies k8s.core.v1.ResourceQuotaArgs;
};

import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

export type PodSecurity = "restricted" | "baseline" | "privileged";

/** A namespace that enforces a pod security standard. What is less than restricted is still warned of. */
export const namespaceOf = (name: pulumi.Input<string>, labels: Record<string, string>, podSecurity: PodSecurity = "restricted") =>
  ({
    metadata: {
      name,
      labels: {
        ...labels,
        "pod-security.kubernetes.io/enforce": podSecurity,
        "pod-security.kubernetes.io/warn": "restricted",
      } as Record<string, string>,
    },
  }) satisfies k8s.core.v1.NamespaceArgs;

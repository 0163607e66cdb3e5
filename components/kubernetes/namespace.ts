import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { MEANT, POD_SECURITY, STRICTEST, type PodSecurity } from "../../sizing/pod-security";

/** A namespace that enforces a pod security standard. What is less than the strictest is meant, and still warned of and noted. */
export const namespaceOf = (name: pulumi.Input<string>, labels: Record<string, string>, podSecurity: PodSecurity = STRICTEST) =>
  ({
    metadata: {
      name,
      labels: {
        ...labels,
        [POD_SECURITY.enforce]: podSecurity,
        [POD_SECURITY.audit]: STRICTEST,
        [POD_SECURITY.warn]: STRICTEST,
      } as Record<string, string>,
      ...(podSecurity !== STRICTEST && { annotations: { [MEANT]: podSecurity } as Record<string, string> }),
    },
  }) satisfies k8s.core.v1.NamespaceArgs;

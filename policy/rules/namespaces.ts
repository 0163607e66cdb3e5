import type { Rule } from "../rule";
import { kindOf, metadataOf } from "../resources";

/** Kinds that live in a namespace and land in "default" when they name none. */
const NAMESPACED = new Set([
  ...["Pod", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob"],
  ...["Service", "Ingress", "NetworkPolicy", "ConfigMap", "Secret", "ServiceAccount", "PersistentVolumeClaim"],
  ...["HorizontalPodAutoscaler", "PodDisruptionBudget", "Role", "RoleBinding", "ResourceQuota", "LimitRange", "Release"],
]);

export const ownNamespace: Rule = {
  id: "own-namespace",
  severity: "medium",
  reason: 'Namespace "default" has no pod security standard and no network policy, and belongs to nobody.',
  remedy: "Name the namespace of the system that the object is part of.",
  source: "design: a namespace a layer",
  check: (resource, report) => {
    const kind = kindOf(resource.type);
    if (kind === undefined) return;
    const provider = resource.provider?.props as { readonly namespace?: string } | undefined;
    const named = kind === "Release" ? (resource.props["namespace"] as string | undefined) : metadataOf(resource)?.namespace;
    const namespace = named ?? provider?.namespace ?? (NAMESPACED.has(kind) ? "default" : undefined);
    if (namespace === "default") report(`${kind} "${resource.name}" is in namespace "default"`);
  },
};

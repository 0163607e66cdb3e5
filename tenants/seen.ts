import type { V1PersistentVolumeClaim, V1Pod, V1StatefulSet } from "@kubernetes/client-node";
import type { Seen } from "./registry/tables";

/** What a tenant has in the cluster. */
export interface Found {
  readonly database?: V1StatefulSet;
  readonly pods: readonly V1Pod[];
  readonly claims: readonly V1PersistentVolumeClaim[];
}

/** Reasons for which a container waits while all is well. */
const ON_ITS_WAY = ["ContainerCreating", "PodInitializing"];

const isReady = ({ status }: V1Pod) => status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false;

/** Why a pod does not get ready, in the cluster's words. */
function troubleOf({ spec, status }: V1Pod): string | undefined {
  // the scheduler's word of a pod of the same name that is gone may come to one that has a node by then
  const unscheduled = !spec?.nodeName && status?.conditions?.find(({ type, status }) => type === "PodScheduled" && status === "False");
  if (unscheduled) return `${unscheduled.reason ?? "not scheduled"}: ${unscheduled.message ?? ""}`.trim();
  for (const { state, name } of status?.containerStatuses ?? []) {
    const { reason, message } = state?.waiting ?? state?.terminated ?? {};
    if (reason !== undefined && !ON_ITS_WAY.includes(reason)) return `container ${name}: ${reason}${message ? `, ${message}` : ""}`;
  }
  return undefined;
}

/** How a tenant is, by what the cluster has of it. */
export function seenIn({ database, pods, claims }: Found): Seen {
  if (database === undefined) return { phase: pods.length > 0 ? "stopping" : "missing" };
  const { spec, status, metadata } = database;
  const [container] = spec?.template.spec?.containers ?? [];
  const secret = container?.env?.find(({ valueFrom }) => valueFrom?.secretKeyRef)?.valueFrom?.secretKeyRef?.name;
  const claimName = spec?.template.spec?.volumes?.find(({ persistentVolumeClaim }) => persistentVolumeClaim)?.persistentVolumeClaim
    ?.claimName;
  const storage = claims.find(({ metadata }) => metadata?.name === claimName)?.status?.capacity?.["storage"];
  const known = { ...(secret !== undefined && { secret }), ...(storage !== undefined && { storage }) };
  if (spec?.replicas === 0) return { phase: pods.length > 0 ? "stopping" : "stopped", ...known };
  const observed = (status?.observedGeneration ?? 0) >= (metadata?.generation ?? 0);
  const current = pods.find(({ metadata }) => metadata?.labels?.["controller-revision-hash"] === status?.updateRevision);
  if (observed && current !== undefined && !current.metadata?.deletionTimestamp && isReady(current)) return { phase: "ready", ...known };
  const reason = pods.map(troubleOf).find((trouble) => trouble !== undefined);
  return reason === undefined ? { phase: "starting", ...known } : { phase: "failing", reason, ...known };
}

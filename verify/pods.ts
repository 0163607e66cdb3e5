import type { KubernetesObject, V1ContainerStatus, V1LabelSelector, V1Pod } from "@kubernetes/client-node";
import { describe, type World } from "./check";

/** What pods say of themselves. */

export const isReady = ({ status }: V1Pod): boolean =>
  status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false;

/** Whether no kubelet runs it: one that does tells the id of each container that it has started. */
export const isPlayed = (pod: V1Pod): boolean => isReady(pod) && statusesOf(pod).every(({ containerID }) => !containerID);

export const PLAYED = "no container runs on these nodes: their kubelets are played";

/** Status of each container of a pod, those of its init containers first. */
export const statusesOf = ({ status }: V1Pod): readonly V1ContainerStatus[] => [
  ...(status?.initContainerStatuses ?? []),
  ...(status?.containerStatuses ?? []),
];

/** Pods of a namespace, but those that are going. */
export const podsIn = async (world: World, namespace = ""): Promise<V1Pod[]> =>
  (await world.list<V1Pod>("v1", "Pod", namespace)).filter(({ metadata }) => metadata?.deletionTimestamp === undefined);

interface Workload extends KubernetesObject {
  readonly spec?: { readonly selector?: V1LabelSelector };
}

/** Pods that a workload has made. Selectors with expressions are read by their labels alone. */
export async function podsOf({ metadata, spec }: Workload, world: World): Promise<V1Pod[]> {
  const wanted = Object.entries(spec?.selector?.matchLabels ?? {});
  const pods = await podsIn(world, metadata?.namespace);
  return pods.filter(({ metadata }) => wanted.length > 0 && wanted.every(([key, value]) => metadata?.labels?.[key] === value));
}

const CRASHED = "CrashLoopBackOff";

/** Why a pod is not ready, and the command that says more. */
export function complaintOf(pod: V1Pod): { readonly why: string; readonly next: string } {
  const { namespace = "", name = "" } = pod.metadata ?? {};
  const ref = { apiVersion: "v1", kind: "Pod", namespace, name };
  const waiting = statusesOf(pod).find(({ state }) => state?.waiting?.reason);
  if (waiting) {
    const { reason = "", message } = waiting.state?.waiting ?? {};
    const why = `pod ${name}: container ${waiting.name} waits: ${[reason, message].filter(Boolean).join(", ")}`;
    return reason === CRASHED
      ? { why, next: `kubectl logs -n ${namespace} ${name} -c ${waiting.name} --previous` }
      : { why, next: describe(ref) };
  }
  const unscheduled = pod.status?.conditions?.find(({ type, status }) => type === "PodScheduled" && status === "False");
  if (unscheduled) return { why: `pod ${name} has no node: ${unscheduled.message ?? unscheduled.reason ?? ""}`, next: describe(ref) };
  return { why: `pod ${name} is ${pod.status?.phase ?? "unknown"} and not ready`, next: describe(ref) };
}

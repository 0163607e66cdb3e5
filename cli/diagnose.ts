import type { CoreV1Event, V1ContainerStatus, V1Pod } from "@kubernetes/client-node";
import { kubeConfigOf } from "../engine/cluster";
import type { Target } from "./target";

const LINES = 10;

/** Says of each pod of ours that is not ready why: what its containers wait for, its last events, and its last log lines. */
export async function diagnose(target: Target): Promise<void> {
  const { CoreV1Api } = await import("@kubernetes/client-node");
  const api = (await kubeConfigOf(target)).makeApiClient(CoreV1Api);
  try {
    const { items } = await api.listPodForAllNamespaces({ labelSelector: "app.kubernetes.io/part-of=stackyard" });
    for (const pod of items.filter((pod) => !isFine(pod))) {
      const { name = "", namespace = "", uid } = pod.metadata ?? {};
      const events = await api.listNamespacedEvent({ namespace, fieldSelector: `involvedObject.uid=${uid}` });
      console.error(`\nPod ${namespace}/${name} is not ready (${pod.status?.phase ?? "unknown"})`);
      for (const line of [...statesOf(pod), ...events.items.slice(-LINES).map(told)]) console.error(`  ${line}`);
      for (const container of startedIn(pod)) {
        const log = await api.readNamespacedPodLog({ name, namespace, container, tailLines: LINES }).catch(() => "");
        for (const line of log.trim().split("\n").filter(Boolean)) console.error(`  ${container} | ${line}`);
      }
    }
  } catch (error) {
    console.error(`\nThe pods could not be asked: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const isFine = ({ status }: V1Pod) =>
  status?.phase === "Succeeded" || status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True");

const containersOf = ({ status }: V1Pod): V1ContainerStatus[] => [
  ...(status?.initContainerStatuses ?? []),
  ...(status?.containerStatuses ?? []),
];

const startedIn = (pod: V1Pod) =>
  containersOf(pod)
    .filter(({ restartCount, state }) => restartCount > 0 || !state?.waiting)
    .map(({ name }) => name);

function statesOf(pod: V1Pod): string[] {
  const unscheduled = (pod.status?.conditions ?? []).filter(({ type, status }) => type === "PodScheduled" && status === "False");
  return [
    ...unscheduled.map(({ reason, message }) => `${reason}: ${message}`),
    ...containersOf(pod).flatMap(({ name, state, lastState, restartCount }) => {
      const reasons = [state?.waiting, state?.terminated, lastState?.terminated].filter((reason) => reason !== undefined);
      return reasons.map(
        ({ reason, message }) => `container ${name}: ${reason}${message ? `, ${message}` : ""} (${restartCount} restarts)`,
      );
    }),
  ];
}

const told = ({ type, reason, message, count }: CoreV1Event) =>
  `${type} ${reason}: ${message}${count && count > 1 ? ` (${count} times)` : ""}`;

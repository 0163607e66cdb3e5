import { at } from "../values.js";
import { type Client, type KubeObject, metaOf } from "./client.js";
import { conditionsOf } from "./readiness.js";

interface ContainerState {
  waiting?: { reason?: string; message?: string };
  terminated?: { reason?: string; message?: string; exitCode?: number };
}
interface ContainerStatus {
  name: string;
  image: string;
  ready: boolean;
  state?: ContainerState;
  lastState?: ContainerState;
}
const shown = (object: KubeObject): string => `[${object.kind} ${metaOf(object).namespace}/${metaOf(object).name}]`;

const podTrouble = (pod: KubeObject): string[] => {
  const statuses = ["initContainerStatuses", "containerStatuses"].flatMap(
    (key) => (at(pod, ["status", key]) ?? []) as unknown as ContainerStatus[],
  );
  const containers = statuses.flatMap(({ name, image, ready, state = {}, lastState = {} }) => {
    const { waiting, terminated = lastState.terminated } = state;
    if (ready || (!waiting && !terminated?.exitCode)) return [];
    const held = waiting ? `${waiting.reason} ${waiting.message ?? ""}` : "";
    const ended = terminated ? `ended with code ${terminated.exitCode} (${terminated.reason}) ${terminated.message ?? ""}` : "";
    return [`container ${name} (${image}): ${[held, ended].filter(Boolean).join("; ")}`];
  });
  const unmet = conditionsOf(pod).filter(({ type, status }) => type !== "ContainersReady" && status === "False");
  const lines =
    containers.length > 0 ? containers : unmet.map(({ type, reason, message }) => `not ${type}: ${reason ?? ""} ${message ?? ""}`);
  return lines.map((line) => `${shown(pod)} ${line}`);
};

const isFine = (pod: KubeObject): boolean =>
  at(pod, ["status", "phase"]) === "Succeeded" || conditionsOf(pod).some(({ type, status }) => type === "Ready" && status === "True");

/** What an object that does not get ready, and its pods, have to say: last status and events. */
export const troubleOf = async (client: Client, object: KubeObject): Promise<string[]> => {
  const { namespace = "default" } = metaOf(object);
  const bad = conditionsOf(object).filter(({ type, status }) =>
    status === "False" ? type !== "ReplicaFailure" : type === "ReplicaFailure",
  );
  const own = bad.map(({ type, reason, message }) => `${shown(object)} ${type} is not as it should be: ${reason}: ${message}`);
  const labels = (at(object, ["spec", "selector", "matchLabels"]) ?? {}) as Record<string, string>;
  const labelSelector = Object.keys(labels).map((key) => `${key}=${labels[key]}`);
  const pods =
    object.kind === "Pod"
      ? [object]
      : labelSelector[0]
        ? await client.list("v1", "Pod", namespace, { labelSelector: labelSelector.join() })
        : [];
  const unready = pods.filter((pod) => !isFine(pod)).slice(-3);
  const events = await Promise.all(
    [...new Set([object, ...unready])].map(async (each) => {
      const query = { fieldSelector: `involvedObject.uid=${metaOf(each).uid},type=Warning` };
      const all = (await client.list("v1", "Event", namespace, query)) as (KubeObject & { reason: string; message: string })[];
      return all.slice(-3).map(({ reason, message }) => `${shown(each)} ${reason}: ${message}`);
    }),
  );
  return [...new Set([...own, ...unready.flatMap(podTrouble), ...events.flat()])];
};

import { at, parsePath } from "../values.js";
import { type Client, type KubeObject, type Meta, metaOf } from "./client.js";

/** Ready, gone wrong for good, or what is being waited for. */
interface Readiness {
  ready: boolean;
  waitingFor?: string;
  failed?: boolean;
}
const ready: Readiness = { ready: true };
const waiting = (waitingFor: string): Readiness => ({ ready: false, waitingFor });
const when = (holds: boolean, waitingFor: string): Readiness => (holds ? ready : waiting(waitingFor));

export interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
}
type Counted = "updated" | "available" | "ready";
type Numbers = Partial<Record<`${Counted}Replicas` | "replicas" | "observedGeneration" | "succeeded", number>>;
type Scheduled = Partial<Record<"desiredNumberScheduled" | "updatedNumberScheduled" | "numberReady", number>>;
type Texts<Name extends string> = Partial<Record<Name, string>>;
/** What the kinds that are waited for have, each some of it. */
interface Live {
  metadata: Meta;
  spec: Texts<"storageClassName" | "type" | "clusterIP"> & {
    hard?: Record<string, string>;
    replicas?: number;
    completions?: number;
    updateStrategy?: { type?: string; rollingUpdate?: { partition?: number } };
    selector?: object;
    rules?: { http?: { paths: { backend: { service?: { name: string } } }[] } }[];
  };
  status?: Numbers &
    Scheduled &
    Texts<"phase" | "message"> & { hard?: Record<string, string>; conditions?: Condition[]; loadBalancer?: { ingress?: object[] } };
}
const liveOf = (object: KubeObject): Live => object as unknown as Live;
export const conditionsOf = (object: KubeObject): Condition[] => liveOf(object).status?.conditions ?? [];
const conditionOf = ({ status }: Live, type: string): Condition | undefined => status?.conditions?.find((each) => each.type === type);
const holds = (live: Live, type: string): boolean => conditionOf(live, type)?.status === "True";

const rollout = ({ metadata, status = {} }: Live, updated = 0, up = 0, wanted = 1, all = wanted): Readiness => {
  if ((status.observedGeneration ?? 0) < (metadata.generation ?? 0)) return waiting("its controller to take it up");
  if (updated < wanted) return waiting(`rollout: ${updated} of ${wanted} pods updated`);
  return when(up >= all, `rollout: ${up} of ${all} pods ready`);
};
const deployment = (live: Live): Readiness => {
  const { replicas = 0, updatedReplicas = 0, availableReplicas } = live.status ?? {};
  const rolled = rollout(live, updatedReplicas, availableReplicas, live.spec.replicas);
  return rolled.ready ? when(replicas <= updatedReplicas, `rollout: ${replicas - updatedReplicas} old pods to end`) : rolled;
};
const statefulSet = (live: Live): Readiness => {
  const { replicas = 1, updateStrategy: { type, rollingUpdate } = {} } = live.spec;
  const updating = type === "OnDelete" ? 0 : Math.max(0, replicas - (rollingUpdate?.partition ?? 0));
  return rollout(live, live.status?.updatedReplicas, live.status?.readyReplicas, updating, replicas);
};
const daemonSet = (live: Live): Readiness => {
  const { updatedNumberScheduled, numberReady, desiredNumberScheduled } = live.status ?? {};
  return rollout(live, updatedNumberScheduled, numberReady, desiredNumberScheduled);
};
const pod = (live: Live): Readiness => {
  const { phase, message = "" } = live.status ?? {};
  if (phase === "Failed") return { failed: true, ...waiting(`pod, which failed: ${message}`) };
  return when(phase === "Succeeded" || holds(live, "Ready"), "pod to become ready");
};
const job = (live: Live): Readiness => {
  const failure = conditionOf(live, "Failed");
  if (failure?.status === "True") return { failed: true, ...waiting(`job, which failed: ${failure.reason}: ${failure.message}`) };
  return when(holds(live, "Complete"), `job: ${live.status?.succeeded ?? 0} of ${live.spec.completions ?? 1} pods succeeded`);
};
export const isCompleteJob = (object: KubeObject): boolean => job(liveOf(object)).ready;
const claim = async ({ spec, status }: Live, client: Client): Promise<Readiness> => {
  if (status?.phase === "Bound") return ready;
  const name = spec.storageClassName;
  const storageClass = name && (await client.get({ apiVersion: "storage.k8s.io/v1", kind: "StorageClass", metadata: { name } }));
  return when(storageClass ? storageClass.volumeBindingMode === "WaitForFirstConsumer" : false, "claim to be bound to a volume");
};
/** Requests are measured by what the controller has taken over: one right after the change would meet the old amounts. */
const quota = ({ spec, status }: Live): Readiness => {
  const counted = Object.entries(spec.hard ?? {}).every(([name, amount]) => status?.hard?.[name] === amount);
  return when(counted && Object.keys(status?.hard ?? {}).length === Object.keys(spec.hard ?? {}).length, "quota to be in force");
};

const hasEndpoints = async (client: Client, namespace: string, service = ""): Promise<boolean> => {
  const labelSelector = `kubernetes.io/service-name=${service}`;
  const slices = await client.list("discovery.k8s.io/v1", "EndpointSlice", namespace, { labelSelector });
  const endpoints = slices.flatMap((slice) => (slice.endpoints ?? []) as unknown as { conditions: { ready?: boolean } }[]);
  return endpoints.some(({ conditions }) => conditions.ready !== false);
};
const hasTargets = ({ spec: { type, clusterIP, selector = {} } }: Live): boolean =>
  type !== "ExternalName" && clusterIP !== "None" && Object.keys(selector).length > 0;
const hasAddress = ({ status }: Live): boolean => (status?.loadBalancer?.ingress?.length ?? 0) > 0;

const service = async (live: Live, client: Client): Promise<Readiness> => {
  const { namespace = "default", name } = live.metadata;
  if (live.spec.type === "LoadBalancer" && !hasAddress(live)) return waiting("load balancer to get an address");
  return when(!hasTargets(live) || (await hasEndpoints(client, namespace, name)), "service to have a ready pod behind it");
};
const ingress = async (live: Live, client: Client): Promise<Readiness> => {
  const { namespace = "default" } = live.metadata;
  const paths = (live.spec.rules ?? []).flatMap(({ http }) => http?.paths ?? []);
  for (const name of new Set(paths.flatMap(({ backend }) => backend.service?.name ?? []))) {
    const behind = await client.get({ apiVersion: "v1", kind: "Service", metadata: { name, namespace } });
    const served = behind && (liveOf(behind).spec.type === "ExternalName" || (await hasEndpoints(client, namespace, name)));
    if (!served) return waiting(`service ${name}, which it names, to have a ready pod behind it`);
  }
  return when(hasAddress(live), "ingress to get an address");
};

type Check = (live: Live, client: Client) => Readiness | Promise<Readiness>;
const byKind: Record<string, Check> = {
  "apps/v1 DaemonSet": daemonSet,
  "apps/v1 Deployment": deployment,
  "apps/v1 StatefulSet": statefulSet,
  "apiextensions.k8s.io/v1 CustomResourceDefinition": (live) => when(holds(live, "Established"), "kind to be served"),
  "batch/v1 Job": job,
  "networking.k8s.io/v1 Ingress": ingress,
  "v1 PersistentVolumeClaim": claim,
  "v1 Pod": pod,
  "v1 ResourceQuota": quota,
  "v1 Service": service,
};

/** What annotation `pulumi.com/waitFor` asks for: `condition=<type>[=<status>]` or `jsonpath={.path}[=<value>]`. */
const custom = (object: KubeObject, wanted: string): boolean => {
  const [, how, what = "", value] = /^(condition|jsonpath)=\{?\.?([^}=]+)\}?(?:=(.*))?$/.exec(wanted) ?? [];
  if (how === "condition") return (conditionOf(liveOf(object), what)?.status ?? "Unknown") === (value ?? "True");
  if (how === undefined) throw new Error(`annotation pulumi.com/waitFor: ${wanted} is neither condition=… nor jsonpath={.…}`);
  const found = at(object, parsePath(what));
  return value === undefined ? found !== undefined : JSON.stringify(found) === value || found === value;
};

/** How to tell that the object is ready; undefined where nothing is to be waited for. */
export const readinessOf = (object: KubeObject): ((now: KubeObject, client: Client) => Promise<Readiness>) | undefined => {
  const { annotations = {} } = metaOf(object);
  const wanted = annotations["pulumi.com/waitFor"];
  const check = byKind[`${object.apiVersion} ${object.kind}`];
  if (annotations["pulumi.com/skipAwait"] === "true" || (!wanted && !check)) return undefined;
  if (!wanted) return async (now, client) => check?.(liveOf(now), client) ?? ready;
  const all = wanted.startsWith("[") ? (JSON.parse(wanted) as string[]) : [wanted];
  return async (now) =>
    when(
      all.every((each) => custom(now, each)),
      all.join(", "),
    );
};

import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { checkout } from "../paths";
import type { Api } from "./api";
import { documentsIn, type Condition, type Definition, type KubernetesObject, type Stage } from "./published";

/** Nodes of a cluster. */
export interface Nodes {
  readonly count: number;
  /** Zones that they are spread over in turn. */
  readonly zones: number;
  /** Size of each, in Kubernetes quantities. */
  readonly cpu: string;
  readonly memory: string;
  readonly pods: number;
}
export const NODES: Nodes = { count: 6, zones: 3, cpu: "8", memory: "32Gi", pods: 110 };

interface Node extends KubernetesObject {
  readonly status: {
    readonly capacity: Record<string, string>;
    readonly allocatable: Record<string, string>;
    readonly conditions?: readonly Condition[];
  };
}
const holds = (conditions: readonly Condition[] | undefined, type: string) =>
  conditions?.some((is) => is.type === type && is.status === "True");

const OUR_NODE = "stackyard.dev/sandbox-node";
const CONTENT = "stackyard.dev/content";

const NODES_PATH = "/api/v1/nodes";
const CRDS_PATH = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const CLASS_PATHS: Record<string, string> = {
  StorageClass: "/apis/storage.k8s.io/v1/storageclasses",
  VolumeSnapshotClass: "/apis/snapshot.storage.k8s.io/v1/volumesnapshotclasses",
};

const ours = (file: string) => join(checkout(), "sandbox", "cluster", file);
const classes = () => documentsIn<KubernetesObject>(ours("classes.yaml"));

/** Kwok's volumes are of a class of its own: here they are of every class, as Kubernetes asks the class's provisioner for them. */
const OF_KWOK_CLASS = "self.spec.storageClassName == 'kwok-volume'";
const PROVISIONED_BY: Record<string, string> = {
  PersistentVolumeClaim: "volume.kubernetes.io/storage-provisioner",
  PersistentVolume: "pv.kubernetes.io/provisioned-by",
};
const provisioned = (kind: string) => `has(self.metadata.annotations) && '${PROVISIONED_BY[kind]}' in self.metadata.annotations`;

/** kwok's published stages and ours, for volumes of every class; a pod takes a moment to become ready, as elsewhere. */
export function stagesOf(published: readonly Stage[]): Stage[] {
  const specs = parse(readFileSync(ours("stages.yaml"), "utf8")) as Record<string, object>;
  const own = Object.entries(specs).map(([name, spec]) => ({
    apiVersion: "kwok.x-k8s.io/v1alpha1",
    kind: "Stage",
    metadata: { name },
    spec,
  }));
  const stages = ([...published, ...own] as Stage[]).map((stage) => {
    const { kind } = stage.spec.resourceRef;
    return JSON.parse(JSON.stringify(stage).replaceAll(OF_KWOK_CLASS, provisioned(kind))) as Stage;
  });
  const delay = { durationMilliseconds: 300, jitterDurationMilliseconds: 900 };
  return stages.map((stage) => (/^pod-(ready|complete)$/.test(stage.metadata.name) ? { ...stage, spec: { ...stage.spec, delay } } : stage));
}

/** Applies the CRDs that are missing or are others, all at once. */
export async function applyCrds(api: Api, crds: readonly Definition[]): Promise<void> {
  const marked = crds.map((crd) => {
    const content = createHash("sha256").update(JSON.stringify(crd)).digest("hex");
    return { ...crd, metadata: { ...crd.metadata, annotations: { ...crd.metadata.annotations, [CONTENT]: content } } };
  });
  const there = new Map((await definitions(api)).map(({ metadata }) => [metadata.name, metadata.annotations?.[CONTENT]]));
  const other = marked.filter(({ metadata }) => there.get(metadata.name) !== metadata.annotations[CONTENT]);
  await Promise.all(other.map((crd) => api.apply(`${CRDS_PATH}/${crd.metadata.name}`, crd)));
}

/** Whether all CRDs of the cluster are served. The API server forgets now and then to serve one that it has accepted, until that changes. */
export async function crdsServed(api: Api): Promise<boolean> {
  const waiting = (await definitions(api)).filter(({ status }) => !holds(status?.conditions, "Established"));
  const now = Date.now();
  const forgotten = waiting.filter(({ status }) =>
    status?.conditions?.some(({ type, lastTransitionTime }) => type === "NamesAccepted" && now - Date.parse(lastTransitionTime) > 2000),
  );
  const nudge = { metadata: { annotations: { "stackyard.dev/nudged": `${now}` } } };
  await Promise.all(forgotten.map(({ metadata }) => api.merge(`${CRDS_PATH}/${metadata.name}`, nudge)));
  return waiting.length === 0;
}

const definitions = async (api: Api) => (await api.get<{ items: Definition[] }>(CRDS_PATH)).items;

export const applyClasses = (api: Api): Promise<unknown> =>
  Promise.all(classes().map((object) => api.apply(`${CLASS_PATHS[object.kind]}/${object.metadata.name}`, object)));

/** The nodes that a cluster is to have: what is asked for now, else what was asked for last. */
export function keepNodes(dir: string, asked: Partial<Nodes> = {}): Nodes {
  const file = join(dir, "nodes.json");
  const last = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Nodes) : NODES;
  const nodes = { ...last, ...asked };
  writeFileSync(file, JSON.stringify(nodes), { mode: 0o600 });
  return nodes;
}

/** Makes the nodes what they are asked to be; those that are too many go. */
export async function applyNodes(api: Api, nodes: Nodes): Promise<void> {
  const wanted = Array.from({ length: nodes.count }, (_, i) => nodeOf(i, nodes));
  const there = new Map((await ourNodes(api)).map((node) => [node.metadata.name, node]));
  const resized = wanted.filter(({ metadata, status }) => {
    const { capacity } = there.get(metadata.name)?.status ?? {};
    return capacity && Object.entries(status.capacity).some(([resource, size]) => capacity[resource] !== size);
  });
  for (const { metadata } of wanted) there.delete(metadata.name);
  await Promise.all([
    ...wanted.map((node) => api.apply(`${NODES_PATH}/${node.metadata.name}`, node)),
    ...resized.map(({ metadata, status }) => api.merge(`${NODES_PATH}/${metadata.name}/status`, { status })),
    ...[...there.keys()].map((name) => api.remove(`${NODES_PATH}/${name}`)),
  ]);
}

/** Whether all nodes are there and ready. */
export async function nodesReady(api: Api, { count }: Nodes): Promise<boolean> {
  const there = await ourNodes(api);
  return there.length === count && there.every(({ status }) => holds(status.conditions, "Ready"));
}

const ourNodes = async (api: Api) => (await api.get<{ items: Node[] }>(`${NODES_PATH}?labelSelector=${OUR_NODE}`)).items;

function nodeOf(i: number, { zones, cpu, memory, pods }: Nodes): Node {
  const name = `node-${i}`;
  const size = { cpu, memory, pods: `${pods}`, "ephemeral-storage": "100Gi" };
  const labels = {
    [OUR_NODE]: "",
    "kubernetes.io/hostname": name,
    "kubernetes.io/os": "linux",
    "kubernetes.io/arch": "amd64",
    "topology.kubernetes.io/region": "sandbox",
    "topology.kubernetes.io/zone": `sandbox-${"abcdefghijklmnopqrstuvwxyz"[i % zones]}`,
  };
  return { apiVersion: "v1", kind: "Node", metadata: { name, labels }, status: { capacity: size, allocatable: size } };
}

import {
  AppsV1Api,
  CoreV1Api,
  KubeConfig,
  type KubernetesObject,
  type V1Pod,
  type V1PodSpec,
  type V1PodTemplateSpec,
  type V1Volume,
} from "@kubernetes/client-node";
import { strict as assert } from "node:assert";
import { capacityOf } from "../../capacity";
import { withOperated } from "../../capacity/operators";
import { planOf, plansIn, type Plan } from "../../capacity/plans";
import { demandOf, type Scale } from "../../capacity/pods";
import { planned } from "../../cli/planned";
import type { KubeObject } from "../../planned/objects";
import { CONTROL_PLANE, NODES, reset, start } from "../../sandbox/cluster";
import { ensure } from "../../sandbox/toolchain";
import { until } from "../support/stackyard";

const SANDBOX = `capacity-${process.pid}`;
/** By this label the pods of a workload are known, as those of one version of a Deployment are. */
const HASH = "pod-template-hash";

interface Workload {
  readonly template?: V1PodTemplateSpec;
  readonly jobTemplate?: { readonly spec: { readonly template: V1PodTemplateSpec } };
  readonly volumeClaimTemplates?: readonly { readonly metadata: { readonly name: string } }[];
}

/** A set of pods that are those of a workload to the scheduler. Claims are empty volumes, and nobody's account is needed. */
function setOf({ spec }: KubeObject, hash: string) {
  const { template: own, jobTemplate, volumeClaimTemplates = [] } = spec as Workload;
  const { metadata, spec: given } = (own ?? jobTemplate?.spec.template)!;
  const labels = { ...metadata?.labels, [HASH]: hash };
  const empty = ({ name }: Pick<V1Volume, "name">): V1Volume => ({ name, emptyDir: {} });
  const volumes = [
    ...(given?.volumes ?? []).map((volume) => (volume.persistentVolumeClaim ? empty(volume) : volume)),
    ...volumeClaimTemplates.map(({ metadata }) => empty(metadata)),
  ];
  const containers = given!.containers.map((container) => ({ image: "any", ...container })); // Envoy's proxies are planned without one
  const pod: V1PodSpec = { ...given!, containers, serviceAccountName: "default", restartPolicy: "Always", volumes };
  return { selector: { matchLabels: { [HASH]: hash } }, template: { metadata: { labels }, spec: pod } };
}

const isRefused = ({ status }: V1Pod) =>
  status?.conditions?.some(({ type, reason }) => type === "PodScheduled" && reason === "Unschedulable") ?? false;

describe("the capacity of a stack, beside kube-scheduler", function () {
  this.timeout("15m"); // cold, the programs are built first
  let core: CoreV1Api;
  let apps: AppsV1Api;

  before(async () => {
    const { kubeconfig } = await start({ name: SANDBOX, programs: await ensure(CONTROL_PLANE, () => {}) });
    const config = new KubeConfig();
    config.loadFromFile(kubeconfig);
    [core, apps] = [config.makeApiClient(CoreV1Api), config.makeApiClient(AppsV1Api)];
  });
  after(() => reset(SANDBOX));

  const podsOf = async (hash?: string) =>
    (await core.listPodForAllNamespaces(hash === undefined ? {} : { labelSelector: `${HASH}=${hash}` })).items;

  const clear = async () => {
    const [sets, daemons] = await Promise.all([apps.listReplicaSetForAllNamespaces(), apps.listDaemonSetForAllNamespaces()]);
    const at = ({ metadata }: KubernetesObject) => ({ name: metadata?.name ?? "", namespace: metadata?.namespace ?? "" });
    await Promise.all([
      ...sets.items.map((set) => apps.deleteNamespacedReplicaSet({ ...at(set), propagationPolicy: "Background" })),
      ...daemons.items.map((set) => apps.deleteNamespacedDaemonSet({ ...at(set), propagationPolicy: "Background" })),
    ]);
    await until("no pod is left", async () => {
      const left = await podsOf();
      await Promise.all(left.map((pod) => core.deleteNamespacedPod({ ...at(pod), gracePeriodSeconds: 0 }).catch(() => {})));
      return left.length === 0;
    });
  };

  /** Has the scheduler place what runs on so many nodes, one workload after another; returns how many pods found none. */
  const pendingOn = async (count: number, { node }: Plan, objects: readonly KubeObject[], counts: ReadonlyMap<string, number>) => {
    await clear();
    await start({ name: SANDBOX, nodes: { count, cpu: `${node.cpu}`, memory: `${node.memory}` } });
    for (const [index, object] of objects.entries()) {
      const { kind, namespace = "default", name } = object;
      const hash = `w${index}`;
      const replicas = kind === "DaemonSet" ? count : counts.get(`${kind} ${namespace}/${name}`);
      if (!replicas) continue;
      const spec = setOf(object, hash);
      const metadata = { name: `${hash}-${name}`, namespace };
      if (kind === "DaemonSet") await apps.createNamespacedDaemonSet({ namespace, body: { metadata, spec } });
      else await apps.createNamespacedReplicaSet({ namespace, body: { metadata, spec: { ...spec, replicas } } });
      await until(`the scheduler has looked at every pod of ${kind} ${namespace}/${name}`, async () => {
        const pods = await podsOf(hash);
        return pods.length === replicas && pods.every((pod) => pod.spec?.nodeName !== undefined || isRefused(pod));
      });
    }
    return (await podsOf()).filter(isRefused).length;
  };

  /** What runs, the pods of nodes first, and of how many pods; the namespaces are made. */
  const running = async (objects: readonly KubeObject[], scale: Scale) => {
    const all = withOperated(objects);
    const counts = new Map<string, number>();
    for (const { owner } of demandOf(all, scale).pods) counts.set(owner, (counts.get(owner) ?? 0) + 1);
    for (const namespace of new Set(all.map(({ namespace = "default" }) => namespace))) {
      await core.createNamespace({ body: { metadata: { name: namespace } } }).catch(() => {}); // which the last stack has, too
      await until(`${namespace} has its account`, () => core.readNamespacedServiceAccount({ name: "default", namespace }).then(() => true));
    }
    return { workloads: [...all].sort((a, b) => Number(b.kind === "DaemonSet") - Number(a.kind === "DaemonSet")), counts };
  };

  for (const [stacks, scale, name] of [
    [["dev"], "minimum", "vultr/high-performance-4c-8gb"],
    [["prod-platform", "prod"], "minimum", "sandbox/default"],
    [["vultr-platform", "vultr"], "minimum", "vultr/high-performance-4c-8gb"],
    [["fly"], "maximum", "vultr/high-performance-4c-8gb"],
  ] as [string[], Scale, string][]) {
    it(`${stacks.join(" and ")}, at ${scale}: as many nodes as it says hold every pod, and one fewer does not`, async () => {
      const objects = (await planned(stacks, "sandbox")).flatMap((stack) => stack.objects);
      const plan = planOf(plansIn("capacity/plans.yaml"), name);
      const { nodes, anyOrder, unplaced } = capacityOf(objects, plan, NODES.zones)[scale];
      assert.deepEqual(unplaced, {});
      assert.ok(nodes > 1);
      const { workloads, counts } = await running(objects, scale);
      const pending = (count: number, inOrder = workloads) => pendingOn(count, plan, inOrder, counts);
      assert.equal(await pending(nodes), 0, `pods that ${nodes} nodes leave`);
      assert.notEqual(await pending(nodes - 1), 0, `pods that ${nodes - 1} nodes leave`);

      if (anyOrder === nodes) return;
      const asks = new Map(demandOf(withOperated(objects), scale).pods.map(({ owner, requests }) => [owner, requests.memory]));
      const askOf = ({ kind, namespace = "default", name }: KubeObject) => asks.get(`${kind} ${namespace}/${name}`) ?? 0;
      const smallestFirst = [...workloads].sort((a, b) => askOf(a) - askOf(b)); // what asks for none, as what is on each node, comes before
      assert.notEqual(await pending(nodes, smallestFirst), 0, `pods that ${nodes} nodes leave in another order`);
      assert.equal(await pending(anyOrder, smallestFirst), 0, `pods that ${anyOrder} nodes leave in another order`);
    });
  }
});

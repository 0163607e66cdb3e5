import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { capacityOf } from "../../capacity";
import { nodesFor } from "../../capacity/nodes";
import { planOf, plansIn, sizeOf } from "../../capacity/plans";
import { demandOf } from "../../capacity/pods";
import { leftOver } from "../../capacity/scheduler";
import { objectOf, type KubeObject } from "../../planned/objects";

const GiB = 2 ** 30;
const labels = { app: "trial" };
const resources = (cpu: string, memory: string) => ({ requests: { cpu, memory } });
const workload = (kind: string, spec: object, pod: object = {}, name = "trial"): KubeObject => {
  const template = { metadata: { labels: { app: name } }, spec: { containers: [{ name, resources: resources("1", "1Gi") }], ...pod } };
  return objectOf({ apiVersion: "apps/v1", kind, metadata: { name, namespace: "trial" }, spec: { template, ...spec } });
};
const size = { cpu: 4000, memory: 8 * GiB, pods: 110 };
const holds = (objects: readonly KubeObject[], count: number, zones = 1) =>
  leftOver(demandOf(objects, "minimum"), size, count, zones).length === 0;

describe("the pods of a stack", () => {
  const scaler = objectOf({
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: { name: "trial", namespace: "trial" },
    spec: { scaleTargetRef: { kind: "Deployment", name: "trial" }, minReplicas: 2, maxReplicas: 7 },
  });

  it("are as many as their autoscaler has at its least and at its most, whatever the workload says", () => {
    const objects = [workload("Deployment", { replicas: 4 }), scaler];
    assert.deepEqual([demandOf(objects, "minimum").pods.length, demandOf(objects, "maximum").pods.length], [2, 7]);
  });

  it("count with an init container that asks for more than all that runs", () => {
    const pod = { initContainers: [{ name: "load", resources: resources("3", "256Mi") }] };
    const [only] = demandOf([workload("Job", { parallelism: 2, completions: 1 }, pod)], "minimum").pods;
    assert.deepEqual(only?.requests, { cpu: 3000, memory: GiB });
    assert.equal(demandOf([workload("Job", { parallelism: 2, completions: 1 }, pod)], "minimum").pods.length, 1);
  });

  it("of a DaemonSet are on each node, and none of those that are placed", () => {
    const { pods, daemons } = demandOf([workload("DaemonSet", {})], "minimum");
    assert.deepEqual([pods.length, daemons.length], [0, 1]);
  });
});

describe("nodes", () => {
  it("hold what they have room for, less what is on each, and no more pods than their kubelet runs", () => {
    const three = [workload("Deployment", { replicas: 3 }), workload("DaemonSet", {}, {}, "agent")];
    assert.ok(holds(three, 1));
    assert.ok(!holds([workload("Deployment", { replicas: 4 }), ...three.slice(1)], 1));
    assert.equal(leftOver(demandOf(three.slice(0, 1), "minimum"), { ...size, pods: 2 }, 1, 1).length, 1);
  });

  it("keep pods apart that demand it, and those together that share a volume", () => {
    const term = { labelSelector: { matchLabels: labels }, topologyKey: "kubernetes.io/hostname" };
    const apart = { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } } };
    const near = { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } } };
    assert.ok(!holds([workload("Deployment", { replicas: 3 }, apart)], 2));
    assert.ok(holds([workload("Deployment", { replicas: 3 }, apart)], 3));
    assert.ok(!holds([workload("Deployment", {}), workload("Deployment", {}, apart, "other")], 1));
    assert.ok(!holds([workload("Deployment", {}, apart, "other"), workload("Deployment", {})], 1));
    assert.ok(holds([workload("Deployment", { replicas: 4 }, near)], 2));
    const { unplaced, nodes } = nodesFor(demandOf([workload("Deployment", { replicas: 6 }, near)], "minimum"), size, 1);
    assert.deepEqual([unplaced, nodes], [{ "Deployment trial/trial": 2 }, 1]);
  });

  it("in zones take no more of a workload than its spread allows", () => {
    const constraint = {
      topologyKey: "topology.kubernetes.io/zone",
      maxSkew: 1,
      whenUnsatisfiable: "DoNotSchedule",
      labelSelector: { matchLabels: labels },
    };
    const evenly = { topologySpreadConstraints: [constraint] };
    // four pods fill the one node of the second zone: the two nodes of the first may have one more than that
    assert.ok(holds([workload("Deployment", { replicas: 9 }, evenly)], 3, 2));
    assert.ok(!holds([workload("Deployment", { replicas: 10 }, evenly)], 3, 2));
    assert.ok(holds([workload("Deployment", { replicas: 10 })], 3, 2));
  });

  it("are not fewer than all pods together ask for, and no pod has to wait on them in any order", () => {
    const demand = demandOf(
      [
        workload("Deployment", { replicas: 9 }),
        workload("StatefulSet", { replicas: 2 }, { containers: [{ name: "a", resources: resources("3", "6Gi") }] }, "large"),
      ],
      "minimum",
    );
    const { nodes, least, anyOrder } = nodesFor(demand, size, 1);
    assert.equal(least, 4);
    assert.ok(nodes >= least && anyOrder >= nodes);
    assert.equal(leftOver(demand, size, nodes, 1).length, 0);
    assert.notEqual(leftOver(demand, size, nodes - 1, 1).length, 0);
  });
});

describe("a table of plans", () => {
  const folder = mkdtempSync(join(tmpdir(), "stackyard-"));
  after(() => rmSync(folder, { recursive: true }));
  const table = (text: string) => {
    const file = join(folder, "plans.yaml");
    writeFileSync(file, text);
    return plansIn(file);
  };

  it("has the nodes less what they keep for themselves", () => {
    const plans = table("own: { nodes: { small: { cpu: 2, memory: 4Gi, reserved: { cpu: 100m, memory: 1Gi } } } }");
    assert.deepEqual(sizeOf(planOf(plans, "own/small")), { cpu: 1900, memory: 3 * GiB, pods: 110 });
  });

  it("is refused with every place that is wrong, and a plan that it has not with those that it has", () => {
    assert.throws(
      () => table("own: { nodes: { small: { cpu: many, memory: 4Gi, monthly: free } } }"),
      /own\.nodes\.small\.cpu: "many" is no amount[^]*small\.monthly: "free" is no price/,
    );
    assert.throws(
      () => planOf(plansIn("capacity/plans.yaml"), "vultr/huge"),
      /no plan "vultr\/huge"; plans are sandbox\/default, vultr\/regular/,
    );
  });

  it("makes the bill, names what has no price, and which number of an expectation is off", () => {
    const claim = (storageClassName: string, storage: string) =>
      objectOf({
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        metadata: { name: storageClassName },
        spec: { storageClassName, resources: { requests: { storage } } },
      });
    const gateway = objectOf({ apiVersion: "gateway.networking.k8s.io/v1", kind: "Gateway", metadata: { name: "edge" } });
    const objects = [workload("Deployment", { replicas: 5 }), claim("vultr-block-storage", "50Gi"), claim("other", "5Gi"), gateway];
    const plan = planOf(plansIn("capacity/plans.yaml"), "vultr/high-performance-4c-8gb");
    const { minimum, off } = capacityOf(objects, plan, 1, {
      nodes: 10,
      storage: "100Gi",
      storageClass: "vultr-block-storage",
      loadBalancers: 1,
      monthly: 550,
    });
    assert.deepEqual([minimum.bill.monthly, minimum.bill.unpriced], [2 * 48 + 5 + 10, ["5 GiB of other"]]);
    assert.deepEqual(off, [
      "nodes: 10 were expected, and 2 are taken",
      "storage: 100 GiB were expected, and 55 GiB are claimed",
      "monthly: 550 was expected, and what was expected of nodes, storage and load balancers costs 500",
    ]);
  });
});

import type { V1Pod, V1StatefulSet } from "@kubernetes/client-node";
import { strict as assert } from "node:assert";
import { seenIn } from "../../../tenants/seen";

const database = (replicas: number, changes: object = {}): V1StatefulSet => ({
  metadata: { generation: 2 },
  spec: {
    replicas,
    selector: {},
    serviceName: "fluxiondb",
    template: {
      spec: {
        containers: [
          { name: "fluxiondb", env: [{ name: "SECRET_KEY", valueFrom: { secretKeyRef: { name: "key-2", key: "secret-key" } } }] },
        ],
        volumes: [{ name: "data", persistentVolumeClaim: { claimName: "fluxiondb-new" } }],
      },
    },
  },
  status: { replicas, observedGeneration: 2, updateRevision: "two", ...changes },
});
const pod = (revision: string, ready: boolean, waiting?: object): V1Pod => ({
  metadata: { labels: { "controller-revision-hash": revision } },
  status: {
    conditions: [{ type: "Ready", status: ready ? "True" : "False" }],
    ...(waiting && {
      containerStatuses: [{ name: "fluxiondb", image: "", imageID: "", ready: false, restartCount: 0, state: { waiting } }],
    }),
  },
});
const claims = [
  { metadata: { name: "fluxiondb" }, status: { capacity: { storage: "1Gi" } } },
  { metadata: { name: "fluxiondb-new" }, status: { capacity: { storage: "4Gi" } } },
];
const phase = (set: V1StatefulSet | undefined, ...pods: V1Pod[]) => seenIn({ database: set, pods, claims }).phase;

describe("how a tenant is seen", () => {
  it("is ready once the pod of the newest revision is, and not with the one that it replaces", () => {
    assert.equal(phase(database(1), pod("two", true)), "ready");
    assert.equal(phase(database(1), pod("one", true)), "starting");
    assert.equal(phase(database(1, { observedGeneration: 1 }), pod("two", true)), "starting");
  });

  it("tells the Secret that the pod runs with, and the size of the claim that it uses", () => {
    const { secret, storage } = seenIn({ database: database(1), pods: [pod("two", true)], claims });
    assert.deepEqual([secret, storage], ["key-2", "4Gi"]);
  });

  it("is stopped once the last pod has ended", () => {
    assert.deepEqual([phase(database(0), pod("two", true)), phase(database(0)), phase(undefined)], ["stopping", "stopped", "missing"]);
  });

  it("fails in the cluster's words, and is not said to fail while its image is on its way", () => {
    const seen = seenIn({
      database: database(1),
      pods: [pod("two", false, { reason: "ImagePullBackOff", message: "no such tag" })],
      claims,
    });
    assert.deepEqual([seen.phase, seen.reason], ["failing", "container fluxiondb: ImagePullBackOff, no such tag"]);
    assert.equal(phase(database(1), pod("two", false, { reason: "ContainerCreating" })), "starting");
  });

  it("tells the scheduler's word of a pod that has no node, and not of one that got one", () => {
    const crashing = pod("two", false, { reason: "CrashLoopBackOff" });
    const conditions = [{ type: "PodScheduled", status: "False", reason: "SchedulerError", message: "not found" }];
    const given = (spec: object) =>
      seenIn({ database: database(1), pods: [{ ...crashing, spec, status: { ...crashing.status, conditions } } as V1Pod], claims });
    assert.equal(given({}).reason, "SchedulerError: not found");
    assert.equal(given({ nodeName: "node-1" }).reason, "container fluxiondb: CrashLoopBackOff");
  });
});

import { strict as assert } from "node:assert";
import { autoscaler, enoughMemory, jobComplete, loadKnown, podsReady } from "../../../verify/checks/workloads";
import { deployment, inNamespace, pod, redOf, saidBy } from "./given";

const web = deployment();
const withStatus = (status: object) => ({ ...web, status: { ...web.status, ...status } });

const scaler = (spec: object, status: object) => ({
  apiVersion: "autoscaling/v2",
  kind: "HorizontalPodAutoscaler",
  metadata: inNamespace("web"),
  spec: { scaleTargetRef: { kind: "Deployment", name: "web" }, minReplicas: 2, maxReplicas: 5, ...spec },
  status,
});
const conditions = (able: string, active: string, reason = "") => [
  { type: "AbleToScale", status: able, reason: "FailedGetScale" },
  { type: "ScalingActive", status: active, reason },
];

describe("verify, of workloads:", () => {
  it("one that has its pods is green", async () => {
    assert.deepEqual(await saidBy(podsReady, { live: [web] }), ["passed: 2 of 2 pods are ready"]);
  });

  it("one that lacks a pod is red, and says why it is not ready", async () => {
    const waiting = { name: "web", ready: false, state: { waiting: { reason: "ImagePullBackOff", message: "no such tag" } } };
    const ill = pod("web-1", { status: { conditions: [], containerStatuses: [waiting as never] } });
    const red = await redOf(podsReady, { live: [withStatus({ readyReplicas: 1 }), pod("web-0"), ill] });
    assert.equal(red.found, "1 of 2 pods are ready; pod web-1: container web waits: ImagePullBackOff, no such tag");
    assert.equal(red.next, "kubectl describe -n ns pod/web-1");
  });

  it("one that crashes says how its last words are read", async () => {
    const waiting = { name: "web", ready: false, state: { waiting: { reason: "CrashLoopBackOff" } } };
    const ill = pod("web-1", { status: { conditions: [], containerStatuses: [waiting as never] } });
    const red = await redOf(podsReady, { live: [withStatus({ readyReplicas: 1 }), ill] });
    assert.equal(red.next, "kubectl logs -n ns web-1 -c web --previous");
  });

  it("one whose pod finds no node says so", async () => {
    const unscheduled = [{ type: "PodScheduled", status: "False", message: "0/6 nodes are available" }];
    const red = await redOf(podsReady, { live: [withStatus({ readyReplicas: 0 }), pod("web-1", { status: { conditions: unscheduled } })] });
    assert.match(red.found, /pod web-1 has no node: 0\/6 nodes are available$/);
  });

  it("one that runs an old version yet is red, and so is one that nobody has looked at since it was changed", async () => {
    assert.deepEqual(await saidBy(podsReady, { live: [withStatus({ updatedReplicas: 1 })] }), [
      "failed: 1 of 2 pods are of the wanted version",
    ]);
    assert.deepEqual(await saidBy(podsReady, { live: [withStatus({ observedGeneration: 1 })] }), [
      "failed: its last change has not been looked at yet",
    ]);
  });

  it("one that was scaled below what was deployed is red, by its own count or its autoscaler's", async () => {
    const scaled = {
      ...web,
      spec: { ...web.spec, replicas: 1 },
      status: { ...web.status, replicas: 1, readyReplicas: 1, updatedReplicas: 1 },
    };
    const found = "failed: is to have 1 pods, and was deployed with at least";
    assert.deepEqual(await saidBy(podsReady, { live: [scaled], deployed: [web] }), [`${found} 2`]);
    const least = { ...web, spec: { ...web.spec, replicas: undefined } };
    assert.deepEqual(await saidBy(podsReady, { live: [scaled], deployed: [least, scaler({ minReplicas: 3 }, {})] }), [`${found} 3`]);
    assert.deepEqual(await saidBy(podsReady, { live: [scaled], deployed: [least] }), ["passed: 1 of 1 pods are ready"]);
  });

  it("one that serves by pods of an old version while the new ones do not get ready is red", async () => {
    const waiting = { name: "web", ready: false, state: { waiting: { reason: "CrashLoopBackOff" } } };
    const ill = pod("web-2", { status: { conditions: [], containerStatuses: [waiting as never] } });
    const live = [withStatus({ replicas: 3, readyReplicas: 2, updatedReplicas: 2 }), pod("web-0"), pod("web-1"), ill];
    assert.match((await redOf(podsReady, { live })).found, /^2 of 2 pods are ready; pod web-2: container web waits: CrashLoopBackOff$/);
  });

  it("a DaemonSet has as many as there are nodes for it", async () => {
    const daemons = (numberReady: number) => ({
      apiVersion: "apps/v1",
      kind: "DaemonSet",
      metadata: { ...inNamespace("logs"), generation: 1 },
      spec: { selector: { matchLabels: { app: "logs" } } },
      status: { observedGeneration: 1, desiredNumberScheduled: 3, numberReady, updatedNumberScheduled: 3 },
    });
    assert.deepEqual(await saidBy(podsReady, { live: [daemons(3)] }), ["passed: 3 of 3 pods are ready"]);
    assert.deepEqual(await saidBy(podsReady, { live: [daemons(2)] }), ["failed: 2 of 3 pods are ready"]);
  });

  it("one whose container was ended for want of memory is red, and no other", async () => {
    const starved = { name: "web", lastState: { terminated: { reason: "OOMKilled", exitCode: 137 } } };
    const found = await saidBy(enoughMemory, { live: [web, pod("web-0", { status: { containerStatuses: [starved as never] } })] });
    assert.deepEqual(found, ["failed: container web of pod web-0 was ended: OOMKilled"]);
    assert.deepEqual(await saidBy(enoughMemory, { live: [web, pod("web-0")] }), ["passed: 1 pods"]);
    const elsewhere = pod("api-0", { app: "api", status: { containerStatuses: [starved as never] } });
    assert.deepEqual(await saidBy(enoughMemory, { live: [web, elsewhere] }), ["passed: 0 pods"]);
  });

  it("a Job is green when it is complete", async () => {
    const job = (status: object) => ({ apiVersion: "batch/v1", kind: "Job", metadata: inNamespace("migrate"), spec: {}, status });
    const is = (type: string) => ({ conditions: [{ type, status: "True", reason: "BackoffLimitExceeded" }] });
    assert.deepEqual(await saidBy(jobComplete, { live: [job(is("Complete"))] }), ["passed: complete"]);
    assert.deepEqual(await saidBy(jobComplete, { live: [job({ active: 1 })] }), ["failed: is not complete: 1 pods at work, 0 failed"]);
    const red = await redOf(jobComplete, { live: [job(is("Failed"))] });
    assert.equal(red.found, "has failed: BackoffLimitExceeded");
    assert.equal(red.next, "kubectl logs -n ns job/migrate --all-containers");
  });

  it("an autoscaler is red when it does not reach its workload, or that has fewer or more pods than it was deployed for", async () => {
    const said = (status: object, deployed = {}) => saidBy(autoscaler, { live: [scaler({}, status)], deployed: [scaler(deployed, {})] });
    const able = conditions("True", "True");
    assert.deepEqual(await said({ conditions: able, currentReplicas: 2 }), ["passed: 2 pods, of 2 to 5"]);
    assert.deepEqual(await said({ conditions: conditions("False", "True") }), ["failed: AbleToScale is False: FailedGetScale"]);
    assert.deepEqual(await said({ conditions: able, currentReplicas: 2 }, { minReplicas: 3 }), ["failed: has 2 pods, which is not 3 to 5"]);
    assert.deepEqual(await said({ conditions: able, currentReplicas: 6 }), ["failed: has 6 pods, which is not 2 to 5"]);
  });

  it("an autoscaler that learns no load is red, unless no container runs that could have one", async () => {
    const blind = scaler({}, { conditions: conditions("True", "False", "FailedGetResourceMetric") });
    const found = "ScalingActive is False: FailedGetResourceMetric";
    assert.deepEqual(await saidBy(loadKnown, { live: [blind, pod("web-0")] }), [`failed: ${found}`]);
    assert.match((await saidBy(loadKnown, { live: [blind, pod("web-0", { played: true })] })).join(), /^skipped: no container runs/);
    const disabled = scaler({}, { conditions: conditions("True", "False", "ScalingDisabled") });
    assert.deepEqual(await saidBy(loadKnown, { live: [disabled, pod("web-0", { played: true })] }), [
      "failed: ScalingActive is False: ScalingDisabled",
    ]);
    assert.deepEqual(await saidBy(loadKnown, { live: [scaler({}, { conditions: conditions("True", "True") })] }), [
      "passed: ScalingActive",
    ]);
  });
});

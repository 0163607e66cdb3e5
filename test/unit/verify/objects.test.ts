import { strict as assert } from "node:assert";
import { claimBound, exists, namespaceActive } from "../../../verify/checks/objects";
import { inNamespace, redOf, saidBy } from "./given";

const claim = (storage: string, phase = "Bound", capacity = "20Gi") => ({
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: inNamespace("data"),
  spec: { resources: { requests: { storage } } },
  status: { phase, capacity: { storage: capacity } },
});
const namespace = (phase: string) => ({ apiVersion: "v1", kind: "Namespace", metadata: { name: "ns" }, status: { phase } });

describe("verify, of objects:", () => {
  it("what was deployed and is not there is red", async () => {
    const red = await redOf(exists, { live: [], deployed: [claim("20Gi")] });
    assert.equal(red.found, "is not there");
    assert.equal(red.next, "kubectl describe -n ns persistentvolumeclaim/data");
  });

  it("what is being deleted is red", async () => {
    const going = { ...claim("20Gi"), metadata: { ...inNamespace("data"), deletionTimestamp: new Date() } };
    assert.deepEqual(await saidBy(exists, { live: [going] }), ["failed: is being deleted"]);
    assert.deepEqual(await saidBy(exists, { live: [claim("20Gi")] }), ["passed: is there"]);
    assert.deepEqual(await saidBy(claimBound, { live: [going] }), []); // and of nothing else it is asked
  });

  it("a question that the cluster refuses is red", async () => {
    const check = { ...exists, check: () => Promise.reject(new Error("forbidden")) };
    assert.deepEqual(await saidBy(check, { live: [claim("20Gi")] }), ["failed: could not be looked at: forbidden"]);
  });

  it("a namespace that ends is red", async () => {
    assert.deepEqual(await saidBy(namespaceActive, { live: [namespace("Active")] }), ["passed: active"]);
    assert.deepEqual(await saidBy(namespaceActive, { live: [namespace("Terminating")] }), ["failed: is Terminating"]);
  });

  it("a claim is green when it is bound to what was asked for", async () => {
    assert.deepEqual(await saidBy(claimBound, { live: [claim("20Gi")] }), ["passed: bound, 20Gi"]);
    assert.deepEqual(await saidBy(claimBound, { live: [claim("20Gi", "Pending")] }), ["failed: is Pending"]);
    assert.deepEqual(await saidBy(claimBound, { live: [claim("20Gi", "Lost")] }), ["failed: is Lost"]);
  });

  it("a claim is red while its volume is smaller than was asked for, and not when it is larger", async () => {
    const deployed = [claim("30Gi")];
    assert.deepEqual(await saidBy(claimBound, { live: [claim("20Gi")], deployed }), ["failed: has 20Gi of 30Gi"]);
    assert.deepEqual(await saidBy(claimBound, { live: [claim("30Gi", "Bound", "32Gi")], deployed }), ["passed: bound, 32Gi"]);
  });
});

import { strict as assert } from "node:assert";
import { oneScaler } from "../../policy/rules/scaling";
import { judged, unknown } from "./judge";

const pods = (name: string, replicas?: number) => ({
  type: "kubernetes:apps/v1:Deployment",
  name,
  props: { metadata: { name, namespace: "app" }, spec: { replicas } },
});
const scaler = (name: string, kind = "Deployment") => ({
  type: "kubernetes:autoscaling/v2:HorizontalPodAutoscaler",
  name,
  props: { metadata: { name, namespace: "app" }, spec: { scaleTargetRef: { kind, name } } },
});

describe("one-scaler", () => {
  it("takes a workload that leaves its replicas to the autoscaler, and one that has none", () => {
    assert.deepEqual(
      [pods("a"), scaler("a"), pods("fixed", 3)].flatMap((resource) => judged(oneScaler, resource)),
      [],
    );
  });

  it("refuses both, whichever is planned first", () => {
    assert.match(
      [pods("b", 3), scaler("b")].flatMap((resource) => judged(oneScaler, resource)).join(),
      /Deployment app\/b has 3 replicas and an autoscaler/,
    );
    assert.match(
      [scaler("c"), pods("c", 4)].flatMap((resource) => judged(oneScaler, resource)).join(),
      /Deployment app\/c has 4 replicas and an autoscaler/,
    );
  });

  it("does not take one workload for another", () => {
    assert.deepEqual(
      [pods("d", 3), scaler("d", "StatefulSet"), scaler("e")].flatMap((resource) => judged(oneScaler, resource)),
      [],
    );
  });

  it("forgets replicas that were taken out since the preview", () => {
    assert.deepEqual(
      [pods("f", 3), pods("f"), scaler("f")].flatMap((resource) => judged(oneScaler, resource)),
      [],
    );
  });

  it("says that it could not run where the target is not known yet", () => {
    assert.match(judged(oneScaler, scaler(unknown)).join(), /can't be known during preview/);
  });
});

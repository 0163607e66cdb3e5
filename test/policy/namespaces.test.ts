import { strict as assert } from "node:assert";
import { ownNamespace } from "../../policy/rules/namespaces";
import { changed, judged, unknown } from "./judge";

const service = {
  type: "kubernetes:core/v1:Service",
  name: "app-service",
  props: { metadata: { name: "app", namespace: "app" as string | undefined } },
};
const inNamespace = (namespace: string | undefined) => changed(service, ({ metadata }) => void (metadata.namespace = namespace));

describe("own-namespace", () => {
  it("takes an object in a namespace of its own", () => assert.deepEqual(judged(ownNamespace, service), []));

  it('refuses namespace "default", named or by leaving it out', () => {
    assert.match(judged(ownNamespace, inNamespace("default")).join(), /Service "app-service" is in namespace "default"/);
    assert.match(judged(ownNamespace, inNamespace(undefined)).join(), /Service "app-service" is in namespace "default"/);
  });

  it("leaves alone what lives in no namespace", () => {
    for (const type of [
      "kubernetes:core/v1:Namespace",
      "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole",
      "random:index:RandomPassword",
    ]) {
      assert.deepEqual(judged(ownNamespace, { type, name: "x", props: { metadata: { name: "x" } } }), []);
    }
  });

  it("looks at the namespace of a Helm release, which is not among its metadata", () => {
    const release = (namespace?: string) => ({ type: "kubernetes:helm.sh/v3:Release", name: "x", props: { chart: "x", namespace } });
    assert.deepEqual(judged(ownNamespace, release("app")), []);
    assert.equal(judged(ownNamespace, release()).length, 1);
  });

  it("says that it could not run where the namespace is not known yet", () => {
    assert.match(judged(ownNamespace, inNamespace(unknown)).join(), /can't be known during preview/);
  });
});

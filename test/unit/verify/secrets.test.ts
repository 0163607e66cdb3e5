import { strict as assert } from "node:assert";
import { secretsPresent, secretSynced, storeHealthy } from "../../../verify/checks/secrets";
import { base64, deployment, inNamespace, redOf, saidBy } from "./given";

const secret = (name: string, data: Record<string, string>) => ({ apiVersion: "v1", kind: "Secret", metadata: inNamespace(name), data });
const fromKey = (key: string, optional = false) => ({ name: key, valueFrom: { secretKeyRef: { name: "api", key, optional } } });
const using = (...env: object[]) => deployment("api", { containers: [{ name: "api", env: env as never }] });

const condition = (status: string) => ({ conditions: [{ type: "Ready", status, reason: "SecretSyncedError", message: "no such key" }] });
const external = (status: object, kind = "ClusterSecretStore") => ({
  apiVersion: "external-secrets.io/v1",
  kind: "ExternalSecret",
  metadata: inNamespace("api"),
  spec: { secretStoreRef: { kind, name: "production" } },
  status,
});
const store = (status: object, kind = "ClusterSecretStore", namespace?: string) => ({
  apiVersion: "external-secrets.io/v1",
  kind,
  metadata: { name: "production", namespace },
  status,
});

describe("verify, of secrets:", () => {
  it("a workload has every key that it names, and it is not empty", async () => {
    const live = using(fromKey("DATABASE_URL"), fromKey("REDIS_URL"));
    const whole = { DATABASE_URL: base64("postgres://"), REDIS_URL: base64("redis://") };
    assert.deepEqual(await saidBy(secretsPresent, { live: [live, secret("api", whole)] }), ["passed: api"]);
    assert.deepEqual(await saidBy(secretsPresent, { live: [live, secret("api", { ...whole, REDIS_URL: "" })] }), [
      "failed: lacks key REDIS_URL of Secret api",
    ]);
    const red = await redOf(secretsPresent, { live: [live] });
    assert.equal(red.found, "lacks Secret api");
    assert.equal(red.next, "kubectl get secrets,externalsecrets -n ns");
  });

  it("nothing that is optional is missed, and no row is told of a workload without Secrets", async () => {
    assert.deepEqual(await saidBy(secretsPresent, { live: [using(fromKey("REDIS_URL", true))] }), []);
  });

  it("Secrets are found in volumes, init containers and envFrom, too", async () => {
    const live = deployment("api", {
      containers: [{ name: "api", envFrom: [{ secretRef: { name: "all" } }] }],
      initContainers: [{ name: "first", env: [fromKey("KEY")] as never }],
    });
    const spec = {
      ...live.spec.template.spec,
      volumes: [{ name: "tls", secret: { secretName: "tls", items: [{ key: "ca.crt", path: "ca" }] } }],
    };
    const mounted = { ...live, spec: { ...live.spec, template: { spec } } };
    const given = [secret("all", {}), secret("api", {}), secret("tls", {})];
    assert.deepEqual(await saidBy(secretsPresent, { live: [mounted, ...given] }), [
      "failed: lacks key KEY of Secret api, anything in Secret all, key ca.crt of Secret tls",
    ]);
  });

  it("no value is told", async () => {
    const found = await saidBy(secretsPresent, { live: [using(fromKey("KEY")), secret("api", { KEY: base64("hunter2") })] });
    assert.ok(!found.join().includes("hunter2") && !found.join().includes(base64("hunter2")));
  });

  it("an external secret is green when the operator says that it is ready", async () => {
    assert.match((await saidBy(secretSynced, { live: [external(condition("True"))] })).join(), /^passed/);
    assert.deepEqual(await saidBy(secretSynced, { live: [external(condition("False"))] }), [
      "failed: Ready is False: SecretSyncedError: no such key",
    ]);
    assert.deepEqual(await saidBy(secretSynced, { live: [external({})] }), ["failed: nothing has said yet whether it is Ready"]);
  });

  it("a store is looked at wherever it is, for each external secret that names it", async () => {
    const live = external(condition("True"));
    const deployed = [live];
    assert.deepEqual(await saidBy(storeHealthy, { live: [live, store(condition("True"))], deployed }), [
      "passed: ClusterSecretStore production",
    ]);
    const red = await redOf(storeHealthy, { live: [live, store(condition("False"))], deployed });
    assert.equal(red.next, "kubectl describe clustersecretstore.external-secrets.io/production");
    assert.match((await redOf(storeHealthy, { live: [live], deployed })).found, /^ClusterSecretStore production is not there$/);
    const own = external(condition("True"), "SecretStore");
    assert.deepEqual(await saidBy(storeHealthy, { live: [own, store(condition("True"), "SecretStore", "ns")], deployed: [own] }), [
      "passed: SecretStore production",
    ]);
  });
});

import { strict as assert } from "node:assert";
import type { PlatformArgs } from "../../components/platform";
import { at, named } from "./components/engine";
import { kinds, planned } from "./platform-given";

const releasesOf = async (loki: PlatformArgs["loki"]) => kinds((await planned({ loki })).resources, "Release").map(({ name }) => name);

describe("platform: what ships logs", function () {
  this.timeout("20s"); // the first plan loads the Kubernetes SDK

  it("is there where Loki is installed, unless it is not wanted; where Loki was there, only if it is asked for", async () => {
    assert.deepEqual(await releasesOf({}), ["platform-loki", "platform-alloy"]);
    assert.deepEqual(await releasesOf({ collector: { enabled: false } }), ["platform-loki"]);
    assert.deepEqual(await releasesOf({ existing: true }), []);
    assert.deepEqual(await releasesOf({ existing: true, collector: { enabled: true } }), ["platform-alloy"]);
  });

  it("sends to the Loki that there is, under labels that say whose a log is", async () => {
    const { resources } = await planned({ loki: { existing: true, url: "https://loki.example.com", collector: { enabled: true } } });
    const config = at(named(resources, "platform-alloy"), "values.alloy.configMap.content") as string;
    assert.match(config, /url = "https:\/\/loki\.example\.com\/loki\/api\/v1\/push"/);
    assert.match(config, /loki\.source\.kubernetes "pods" \{/);
    for (const label of ["namespace", "pod", "container", "app"]) assert.match(config, new RegExp(`target_label +?= "${label}"`));
  });

  it("reads logs and pods through the API server, and neither Secrets nor folders of nodes", async () => {
    const { resources } = await planned({ loki: {} });
    assert.deepEqual(at(named(resources, "platform-collector-role"), "rules"), [
      { apiGroups: [""], resources: ["namespaces", "pods"], verbs: ["get", "list", "watch"] },
      { apiGroups: [""], resources: ["pods/log"], verbs: ["get"] },
    ]);
    const values = at(named(resources, "platform-alloy"), "values");
    assert.deepEqual(
      [at(values, "rbac.create"), at(values, "alloy.mounts.varlog"), at(values, "controller.type")],
      [false, false, "deployment"],
    );
    const labels = at(named(resources, "platform-alloy-namespace"), "metadata.labels") as Record<string, string>;
    assert.equal(labels["pod-security.kubernetes.io/enforce"], "restricted");
  });

  it("shares the work where there are several", async () => {
    const clustered = async (replicas: number) =>
      at(named((await planned({ loki: { collector: { replicas } } })).resources, "platform-alloy"), "values.alloy.clustering.enabled");
    assert.deepEqual([await clustered(1), await clustered(3)], [false, true]);
  });
});

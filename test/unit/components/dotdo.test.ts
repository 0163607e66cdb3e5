import * as pulumi from "@pulumi/pulumi";
import { strict as assert } from "node:assert";
import { Dotdo, DotdoArgs } from "../../../components/dotdo";
import { at, named, plan, Planned, refusals, valueOf } from "./engine";

const image = { tag: "1.4.0" };
const planned = (args: Partial<DotdoArgs> = {}) => plan(() => new Dotdo("dotdo", { image, ...args }));
const child = async (part: string, args?: Partial<DotdoArgs>) => named(await planned(args), `dotdo-${part}`);
const container = async (args?: Partial<DotdoArgs>) => at(await child("pods", args), "spec.template.spec.containers.0");
const names = (resources: Planned[]) => resources.map(({ name }) => name);

const secretValues = { tursoToken: "t-9f31", r2AccessKey: "ra-7c02", r2SecretKey: "rs-d84e", redisPassword: "rp-55aa", apiKey: "ak-e0e0" };

describe("Dotdo", () => {
  it("keeps the type and name of each child: someone's state holds them", async () => {
    assert.deepEqual((await planned({ secretValues })).map(({ type, name }) => `${type} ${name}`).sort(), [
      "kubernetes:apps/v1:Deployment dotdo-pods",
      "kubernetes:autoscaling/v2:HorizontalPodAutoscaler dotdo-autoscaler",
      "kubernetes:core/v1:ConfigMap dotdo-config",
      "kubernetes:core/v1:Namespace dotdo-namespace",
      "kubernetes:core/v1:Secret dotdo-secret",
      "kubernetes:core/v1:Service dotdo-by-id-service",
      "kubernetes:core/v1:Service dotdo-headless",
      "kubernetes:core/v1:Service dotdo-service",
      "kubernetes:core/v1:ServiceAccount dotdo-account",
      "kubernetes:monitoring.coreos.com/v1:ServiceMonitor dotdo-monitor",
      "kubernetes:networking.k8s.io/v1:Ingress dotdo-by-id-ingress",
      "kubernetes:networking.k8s.io/v1:Ingress dotdo-ingress",
      "kubernetes:networking.k8s.io/v1:NetworkPolicy dotdo-network-policy",
      "kubernetes:policy/v1:PodDisruptionBudget dotdo-budget",
      "stackyard:dotdo:Dotdo dotdo",
    ]);
  });

  it("names every wrong argument at once, before anything is planned", async () => {
    let refused: string[] = [];
    const resources = await plan(() => {
      refused = refusals(
        () =>
          new Dotdo("dotdo", {
            image: { tag: "not a tag" },
            autoscaling: { minReplicas: 5, maxReplicas: 2 },
            ingress: { hosts: [{ host: "https://do.example.com" }] },
            service: { port: 88888 },
            secretValues: { apiKey: "" },
            namespace: { name: "Not_Valid" },
            ...(JSON.parse('{ "replicas": 3 }') as object), // as a caller without types would
          }),
      );
    });
    assert.deepEqual(
      refused.map((text) => text.split(":")[0]),
      ["image.tag", "namespace.name", "service.port", "ingress.hosts.0.host", "autoscaling.minReplicas", "secretValues.apiKey", "replicas"],
    );
    assert.deepEqual(names(resources), []);
  });

  describe("secrets", () => {
    it("are nowhere in clear", async () => {
      const text = JSON.stringify((await planned({ secretValues })).map(({ inputs }) => inputs));
      for (const value of Object.values(secretValues)) assert.ok(!text.includes(value), `${value} is in clear`);
      assert.equal(at(await child("secret", { secretValues }), "stringData"), "[secret]");
    });

    it("reach the container under the names that the chart and the source know", async () => {
      const env = (await container({ secretValues })) as {
        env: { name: string; valueFrom?: { secretKeyRef?: { name: string; key: string } } }[];
      };
      const found = env.env.flatMap(({ name, valueFrom }) =>
        valueFrom?.secretKeyRef ? [`${name}=${valueFrom.secretKeyRef.name}/${valueFrom.secretKeyRef.key}`] : [],
      );
      assert.deepEqual(found, [
        "TURSO_TOKEN=dotdo-secret-made/turso-token",
        "R2_ACCESS_KEY=dotdo-secret-made/r2-access-key",
        "R2_ACCESS_KEY_ID=dotdo-secret-made/r2-access-key",
        "R2_SECRET_KEY=dotdo-secret-made/r2-secret-key",
        "R2_SECRET_ACCESS_KEY=dotdo-secret-made/r2-secret-key",
        "REDIS_PASSWORD=dotdo-secret-made/redis-password",
        "API_KEY=dotdo-secret-made/api-key",
      ]);
    });

    it("come from a Secret that exists, where one is named, each of its keys optional", async () => {
      const resources = await planned({ secretValues, secrets: { create: false, existingSecret: "mine" } });
      assert.ok(!names(resources).includes("dotdo-secret"));
      const env = at(named(resources, "dotdo-pods"), "spec.template.spec.containers.0.env") as { name: string }[];
      const token = env.find(({ name }) => name === "TURSO_TOKEN");
      assert.deepEqual(at(token, "valueFrom.secretKeyRef"), { name: "mine", key: "turso-token", optional: true });
      assert.ok(env.some(({ name }) => name === "API_KEY"));
    });

    it("are taken from other resources, too", async () => {
      const resources = await planned({ secretValues: { apiKey: pulumi.secret("made-later"), tursoToken: "t-9f31" } });
      const secret = resources.find(({ name }) => name === "dotdo-secret");
      assert.deepEqual(at(secret, "values.stringData"), { "api-key": "made-later", "turso-token": "t-9f31" });
    });

    it("that are not given are not asked for", async () => {
      const resources = await planned({ secretValues: { apiKey: "ak-e0e0" } });
      const env = at(named(resources, "dotdo-pods"), "spec.template.spec.containers.0.env") as { name: string }[];
      assert.ok(!env.some(({ name }) => name === "TURSO_TOKEN"));
      assert.ok(!names(await planned()).includes("dotdo-secret"));
    });
  });

  it("rolls its pods when config or a secret changes: both get a new name, which the pods carry", async () => {
    const resources = await planned({ secretValues });
    for (const part of ["config", "secret"]) assert.equal(at(named(resources, `dotdo-${part}`), "metadata.name"), undefined);
    const pods = named(resources, "dotdo-pods");
    assert.equal(at(pods, "spec.template.spec.containers.0.envFrom.0.configMapRef.name"), "dotdo-config-made");
  });

  it("leaves the number of pods to the HPA, and sets it where there is none", async () => {
    assert.equal(at(await child("pods"), "spec.replicas"), undefined);
    const fixed = await planned({ autoscaling: { enabled: false }, replicaCount: 4 });
    assert.equal(at(named(fixed, "dotdo-pods"), "spec.replicas"), 4);
    assert.ok(!names(fixed).includes("dotdo-autoscaler"));
  });

  it("lets its caller change one field of a child and keeps the rest", async () => {
    const pods = await child("pods", {
      transform: {
        pods: (pods, opts) => (
          (pods.spec.template.spec.containers[0].image = "registry.example.com/mirror/dotdo:1"),
          (opts.protect = true)
        ),
      },
    });
    assert.equal(at(pods, "spec.template.spec.containers.0.image"), "registry.example.com/mirror/dotdo:1");
    assert.equal(at(pods, "metadata.name"), "dotdo");
  });

  it("takes addresses and its namespace from other resources", async () => {
    const resources = await planned({
      env: { TURSO_URL: pulumi.output("http://libsql.data.svc:8080"), TIER: 2 },
      namespace: { create: false, name: pulumi.output("shared") },
      connectsTo: [{ peer: { namespace: pulumi.output("data"), podLabels: { app: "libsql" } }, port: 8080 }],
      linkerd: { enabled: false },
    });
    const config = named(resources, "dotdo-config");
    assert.equal(at(config, "data.TURSO_URL"), "http://libsql.data.svc:8080");
    assert.equal(at(config, "data.TIER"), "2");
    assert.equal(at(config, "metadata.namespace"), "shared");
    const egress = at(named(resources, "dotdo-network-policy"), "spec.egress") as { to: unknown; ports: unknown }[];
    assert.deepEqual(egress.find(({ ports }) => at(ports, "0.port") === 8080)?.to, [
      { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "data" } }, podSelector: { matchLabels: { app: "libsql" } } },
    ]);
    assert.ok(!names(resources).includes("dotdo-namespace"));
  });

  it("says under which addresses it is reached", async () => {
    let dotdo: Dotdo | undefined;
    await plan(() => {
      dotdo = new Dotdo("dotdo", {
        image,
        ingress: {
          hosts: [{ host: "do.example.com" }, { host: "plain.example.com" }],
          tls: [{ secretName: "tls", hosts: ["do.example.com"] }],
        },
      });
    });
    assert.ok(dotdo);
    assert.equal(await valueOf(dotdo.url), "http://dotdo.dotdo.svc:8787");
    assert.equal(await valueOf(dotdo.headless), "dotdo-headless.dotdo.svc");
    assert.deepEqual(await valueOf(dotdo.hostUrls), ["https://do.example.com", "http://plain.example.com"]);
  });

  describe("routing", () => {
    const hash = "nginx.ingress.kubernetes.io/upstream-hash-by";
    const annotations = (resources: Planned[], name: string) =>
      at(named(resources, name), "metadata.annotations") as Record<string, string>;

    it("hashes by X-DO-ID where it is there, by the URI where it is not, with nothing of the controller's own", async () => {
      const resources = await planned();
      assert.equal(annotations(resources, "dotdo-ingress")[hash], "$request_uri");
      const byId = annotations(resources, "dotdo-by-id-ingress");
      assert.equal(byId[hash], "$http_x_do_id");
      assert.equal(byId["nginx.ingress.kubernetes.io/canary-by-header"], "X-DO-ID");
      // the controller merges a canary only into other Services, on the same hosts and paths
      const rules = ["dotdo-ingress", "dotdo-by-id-ingress"].map((name) => at(named(resources, name), "spec.rules.0"));
      assert.deepEqual(
        rules.map((rule) => at(rule, "http.paths.0.backend.service.name")),
        ["dotdo", "dotdo-by-id"],
      );
      assert.equal(at(rules[0], "host"), at(rules[1], "host"));
      assert.equal(at(rules[0], "http.paths.0.path"), at(rules[1], "http.paths.0.path"));
      assert.deepEqual(
        at(named(resources, "dotdo-by-id-service"), "spec.selector"),
        at(named(resources, "dotdo-service"), "spec.selector"),
      );
    });

    it("hashes by the controller's map in one Ingress, where that is chosen", async () => {
      const resources = await planned({ ingress: { routing: "map" } });
      assert.equal(annotations(resources, "dotdo-ingress")[hash], "$dotdo_hash_key");
      assert.deepEqual(
        names(resources).filter((name) => name.includes("by-id")),
        [],
      );
    });

    it("has no cookie that would override the hash", async () => {
      assert.ok(!JSON.stringify(await planned()).includes("cookie"));
    });
  });

  it("is scraped once a pod: the ServiceMonitor finds one Service, and no annotation calls for more", async () => {
    const resources = await planned();
    const wanted = Object.entries(at(named(resources, "dotdo-monitor"), "spec.selector.matchLabels") as Record<string, string>);
    const found = resources
      .filter(({ type }) => type === "kubernetes:core/v1:Service")
      .filter(({ inputs }) => wanted.every(([key, value]) => (at(inputs, "metadata.labels") as Record<string, string>)[key] === value));
    assert.deepEqual(names(found), ["dotdo-service"]);
    assert.ok(!JSON.stringify(named(resources, "dotdo-pods")).includes("prometheus.io/scrape"));

    const annotated = await child("pods", { prometheus: { serviceMonitor: { enabled: false } } });
    const annotations = at(annotated, "spec.template.metadata.annotations") as Record<string, string>;
    assert.equal(annotations["prometheus.io/scrape"], "true");
  });
});

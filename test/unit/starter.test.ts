import * as pulumi from "@pulumi/pulumi";
import { strict as assert } from "node:assert";
import { Starter } from "../../components/starter";
import { at, named, plan, Planned, refusals, valueOf } from "./components/engine";
import { containerOf, development, given, names, planned, production, variables } from "./starter-given";

const PARTS = ["api", "web", "worker"] as const;
const withWorker = given(production, {
  worker: { enabled: true },
  api: { env: { ENABLE_BILLING: true, STRIPE_PRODUCT_PRICE_MAP: "{}" } },
  externalSecrets: { api: { data: { STRIPE_SECRET_KEY: "prod/stripe", STRIPE_WEBHOOK_SECRET: "prod/hook" } } },
});

describe("Starter", function () {
  this.timeout(20_000);

  it("keeps the type and name of each child: someone's state holds them", async () => {
    const all = given(withWorker, { ingress: { apiHosts: [{ host: "api.example.com" }] } });
    assert.deepEqual((await planned(all)).map(({ type, name }) => `${type} ${name}`).sort(), [
      "kubernetes:apps/v1:Deployment starter-api-pods",
      "kubernetes:apps/v1:Deployment starter-web-pods",
      "kubernetes:apps/v1:Deployment starter-worker-pods",
      "kubernetes:autoscaling/v2:HorizontalPodAutoscaler starter-api-autoscaler",
      "kubernetes:autoscaling/v2:HorizontalPodAutoscaler starter-web-autoscaler",
      "kubernetes:batch/v1:Job starter-migration",
      "kubernetes:core/v1:Namespace starter-namespace",
      "kubernetes:core/v1:Service starter-api-service",
      "kubernetes:core/v1:Service starter-web-service",
      "kubernetes:core/v1:ServiceAccount starter-account",
      "kubernetes:external-secrets.io/v1:ExternalSecret starter-api-secret",
      "kubernetes:networking.k8s.io/v1:Ingress starter-api-ingress",
      "kubernetes:networking.k8s.io/v1:Ingress starter-ingress",
      "kubernetes:networking.k8s.io/v1:NetworkPolicy starter-api-network-policy",
      "kubernetes:networking.k8s.io/v1:NetworkPolicy starter-migration-network-policy",
      "kubernetes:networking.k8s.io/v1:NetworkPolicy starter-web-network-policy",
      "kubernetes:networking.k8s.io/v1:NetworkPolicy starter-worker-network-policy",
      "kubernetes:policy/v1:PodDisruptionBudget starter-api-budget",
      "kubernetes:policy/v1:PodDisruptionBudget starter-web-budget",
      "stackyard:starter:Starter starter",
    ]);
  });

  it("names every wrong argument at once, before anything is planned, and no secret's value", async () => {
    let refused: string[] = [];
    const wrong = given(development, {
      api: { image: "app-api", secrets: { DATABASE_URL: "" } },
      web: { image: "app-web:2", service: { port: 0 } },
      ingress: { enabled: true, hosts: [{ host: "https://app.example.com" }] },
    });
    const resources = await plan(() => (refused = refusals(() => new Starter("starter", wrong))));
    assert.deepEqual(
      refused.map((text) => text.split(":")[0]),
      ["api.image", "api.secrets.DATABASE_URL", "web.service.port", "ingress.hosts.0.host"],
    );
    assert.deepEqual(names(resources), []);
  });

  it("lets two releases live in one namespace: no two objects have a name, and no selector finds the other's pods", async () => {
    const shared = given(withWorker, { namespace: { create: false, name: "apps" } });
    const [blue, green] = [await planned(shared, "blue"), await planned(shared, "green")];
    const objects = (resources: Planned[]) =>
      resources
        .filter(({ type }) => type.startsWith("kubernetes:"))
        .map(({ type, name, inputs }) => `${type} ${String((at(inputs, "metadata.name") as string | undefined) ?? name)}`);
    assert.deepEqual(
      objects(blue).filter((object) => objects(green).includes(object)),
      [],
    );
    assert.ok(
      objects(blue).every((object) => object.includes(" blue")),
      objects(blue).join("\n"),
    );
    for (const part of PARTS) {
      const found = at(named(blue, `blue-${part}-pods`), "spec.selector.matchLabels") as Record<string, string>;
      for (const other of PARTS) {
        const labels = at(named(green, `green-${other}-pods`), "spec.template.metadata.labels") as Record<string, string>;
        assert.ok(!Object.entries(found).every(([key, value]) => labels[key] === value), `blue's ${part} finds green's ${other}`);
      }
    }
  });

  describe("pods", () => {
    it("run as the images' user, write only where they must, and fit the restricted standard", async () => {
      const resources = await planned(withWorker);
      const writes = { api: ["/tmp", "/app/var/keys"], web: ["/tmp", "/app/.next/cache"], worker: ["/tmp", "/app/var/keys"] };
      for (const part of PARTS) {
        const spec = at(named(resources, `starter-${part}-pods`), "spec.template.spec");
        assert.equal(at(spec, "securityContext.runAsUser"), 10001);
        assert.equal(at(spec, "securityContext.seccompProfile.type"), "RuntimeDefault");
        assert.equal(at(spec, "automountServiceAccountToken"), false);
        assert.equal(at(spec, "serviceAccountName"), "starter");
        const container = containerOf(resources, `starter-${part}-pods`);
        assert.equal(at(container, "securityContext.readOnlyRootFilesystem"), true);
        assert.deepEqual(
          (container["volumeMounts"] as { mountPath: string }[]).map(({ mountPath }) => mountPath),
          writes[part],
        );
      }
    });

    it("listen where the program does, whatever the Service's port is", async () => {
      const resources = await planned(given(production, { api: { service: { port: 80 } }, web: { service: { port: 8080 } } }));
      assert.equal(at(containerOf(resources, "starter-api-pods"), "ports.0.containerPort"), 8000);
      assert.equal(variables(resources, "starter-api-pods")["PORT"], "8000");
      assert.deepEqual(at(named(resources, "starter-api-service"), "spec.ports.0"), { name: "http", port: 80, targetPort: "http" });
      const web = variables(resources, "starter-web-pods");
      assert.equal(web["PORT"], "3000");
      assert.equal(web["HOSTNAME"], "0.0.0.0");
      assert.equal(web["API_BASE_URL"], "http://starter-api:80");
    });

    it("leave their number to the HPA, each by itself, and the worker to its owner", async () => {
      const bounds = { enabled: false };
      const resources = await planned(given(withWorker, { autoscaling: { web: bounds }, web: { replicaCount: 3 } }));
      assert.equal(at(named(resources, "starter-api-pods"), "spec.replicas"), undefined);
      assert.equal(at(named(resources, "starter-web-pods"), "spec.replicas"), 3);
      assert.equal(at(named(resources, "starter-worker-pods"), "spec.replicas"), 1);
      assert.ok(!names(resources).includes("starter-web-autoscaler"));
      const scaling = at(named(resources, "starter-api-autoscaler"), "spec");
      assert.deepEqual([at(scaling, "minReplicas"), at(scaling, "maxReplicas")], [2, 10]);
      assert.equal(at(scaling, "metrics.0.containerResource.target.averageUtilization"), 80);
    });

    it("change with their own tag, and with nothing else of the release", async () => {
      const changed = async (changes: object) => {
        const [before, after] = [await planned(withWorker), await planned(given(withWorker, changes))];
        const differs = ({ name, inputs }: Planned) => JSON.stringify(inputs) !== JSON.stringify(named(after, name));
        return names(before.filter(differs)).filter((name) => name !== "starter");
      };
      assert.deepEqual(await changed({ web: { image: "registry.example.com/app-web:2.2.0" } }), ["starter-web-pods"]);
      // the worker runs the API's image unless it has one of its own
      assert.deepEqual((await changed({ api: { image: "registry.example.com/app-api:1.5.0" } })).sort(), [
        "starter-api-pods",
        "starter-migration",
        "starter-worker-pods",
      ]);
      assert.deepEqual(await changed({ worker: { image: "registry.example.com/app-api:1.3.0" } }), ["starter-worker-pods"]);
    });
  });

  describe("probes", () => {
    const probe = async (part: string, which: string, args = production) => containerOf(await planned(args), `starter-${part}-pods`)[which];

    it("bring a Host header that the API answers to", async () => {
      const resources = await planned(withWorker);
      for (const part of ["api", "worker"]) {
        const allowed = variables(resources, `starter-${part}-pods`)["ALLOWED_HOSTS"]?.split(",") ?? [];
        for (const which of ["livenessProbe", "readinessProbe", "startupProbe"]) {
          const sent = at(containerOf(resources, `starter-${part}-pods`)[which], "httpGet.httpHeaders.0") as {
            name: string;
            value: string;
          };
          assert.equal(sent.name, "Host");
          assert.ok(allowed.includes(sent.value), `${sent.value} is not among ${allowed.join()}`);
        }
      }
    });

    it("restart no API for its database and no web for its API", async () => {
      assert.equal(at(await probe("api", "livenessProbe"), "httpGet.path"), "/health");
      assert.equal(at(await probe("api", "startupProbe"), "httpGet.path"), "/health");
      for (const which of ["livenessProbe", "startupProbe"]) {
        assert.deepEqual(at(await probe("web", which), "tcpSocket"), { port: "http" });
        assert.equal(at(await probe("web", which), "httpGet"), undefined);
      }
      const asking = given(production, { web: { livenessProbe: { type: "http" } } });
      assert.equal(at(await probe("web", "livenessProbe", asking), "httpGet.path"), "/api/health");
    });

    it("wait for the database longer than its check takes, and for a start longer than half a minute", async () => {
      for (const part of ["api", "web"]) {
        const path = part === "api" ? "/health/ready" : "/api/health/ready";
        assert.equal(at(await probe(part, "readinessProbe"), "httpGet.path"), path);
        assert.ok((at(await probe(part, "readinessProbe"), "timeoutSeconds") as number) > 5);
        const { periodSeconds, failureThreshold } = (await probe(part, "startupProbe")) as Record<string, number>;
        assert.ok(periodSeconds! * failureThreshold! >= 120);
      }
    });
  });

  describe("hosts and addresses", () => {
    it("let web in under the name that it calls, and whoever comes by the API's Ingress", async () => {
      const resources = await planned(
        given(production, {
          ingress: { apiHosts: [{ host: "api.example.com" }] },
          api: { env: { ALLOWED_HOSTS: "partner.example.com, localhost" } },
        }),
      );
      const allowed = variables(resources, "starter-api-pods")["ALLOWED_HOSTS"]!.split(",");
      const called = new URL(variables(resources, "starter-web-pods")["API_BASE_URL"]!).hostname;
      for (const host of [called, "starter-api.starter.svc", "api.example.com", "partner.example.com"])
        assert.ok(allowed.includes(host), host);
      assert.equal(new Set(allowed).size, allowed.length);
    });

    it("come from a Secret where web's owner keeps them there", async () => {
      const mapped = given(production, { externalSecrets: { web: { data: { API_BASE_URL: "prod/api_base_url" } } } });
      const web = variables(await planned(mapped), "starter-web-pods");
      assert.equal(web["API_BASE_URL"], "<starter-web-secret-made>/API_BASE_URL");
    });

    it("follow the Ingress, where nobody says otherwise", async () => {
      assert.equal(variables(await planned(production), "starter-api-pods")["APP_PUBLIC_URL"], "https://app.example.com");
      const said = given(production, { api: { env: { APP_PUBLIC_URL: "https://www.example.com" } } });
      assert.equal(variables(await planned(said), "starter-api-pods")["APP_PUBLIC_URL"], "https://www.example.com");
    });

    it("of the web hosts lead to web, /api too, and those of the API to the API with its own certificate", async () => {
      const resources = await planned(
        given(production, {
          ingress: { apiHosts: [{ host: "api.example.com" }], apiTls: [{ secretName: "api-tls", hosts: ["api.example.com"] }] },
          ingressPaths: { api: "/bff", apiHost: "/v1" },
        }),
      );
      const backends = (name: string) =>
        (at(named(resources, name), "spec.rules.0.http.paths") as unknown[]).map(
          (path) => `${String(at(path, "path"))} -> ${String(at(path, "backend.service.name"))}`,
        );
      assert.deepEqual(backends("starter-ingress"), ["/bff -> starter-web", "/ -> starter-web"]);
      assert.deepEqual(backends("starter-api-ingress"), ["/v1 -> starter-api"]);
      assert.equal(at(named(resources, "starter-api-ingress"), "spec.tls.0.secretName"), "api-tls");
      const plain = await planned(given(production, { ingress: { apiHosts: [{ host: "api.example.com" }] } }));
      assert.equal(at(named(plain, "starter-api-ingress"), "spec.tls"), undefined);
    });

    it("are told to others", async () => {
      let starter: Starter | undefined;
      await plan(() => (starter = new Starter("shop", production)));
      assert.ok(starter);
      assert.equal(await valueOf(starter.url), "http://shop-web.shop.svc:3000");
      assert.equal(await valueOf(starter.apiUrl), "http://shop-api.shop.svc:8000");
      assert.deepEqual(await valueOf(starter.hostUrls), ["https://app.example.com"]);
    });
  });

  it("is called by whom it must be, and calls no more: nobody calls the worker, and web calls the API only", async () => {
    const reachable = { peer: { namespace: "data", podLabels: { app: "db" } }, port: 5432 };
    const resources = await planned({ ...withWorker, networkPolicy: { egress: [] }, connectsTo: [reachable] });
    const spec = (part: string) => at(named(resources, `starter-${part}-network-policy`), "spec");
    const component = (peer: unknown) =>
      (at(peer, "podSelector.matchLabels") as Record<string, string> | undefined)?.["app.kubernetes.io/component"];
    assert.deepEqual(at(spec("worker"), "ingress"), []);
    assert.deepEqual(at(spec("migration"), "ingress"), []);
    assert.equal(component(at(spec("api"), "ingress.0.from.0")), "web");
    assert.equal((at(spec("api"), "ingress") as unknown[]).length, 1, "no controller, where the API has no host");
    assert.deepEqual(
      (at(spec("web"), "egress") as unknown[]).slice(1).map((rule) => component(at(rule, "to.0"))),
      ["api"],
    );
    for (const part of ["api", "worker", "migration"]) assert.equal(at(spec(part), "egress.1.ports.0.port"), 5432);
  });

  it("keeps file keys on a claim that stays, one pod at a time", async () => {
    const resources = await planned(given(development, { api: { env: { AUTH_KEY_STORAGE_PATH: "var/signing/keyset.json" } } }));
    assert.equal(at(named(resources, "starter-keys"), "metadata.name"), "starter-keys");
    const pods = named(resources, "starter-api-pods");
    assert.deepEqual(at(pods, "spec.strategy"), { type: "Recreate" });
    const mounts = containerOf(resources, "starter-api-pods")["volumeMounts"] as { name: string; mountPath: string }[];
    assert.equal(mounts.find(({ name }) => name === "signing-keys")?.mountPath, "/app/var/signing");
    assert.ok(!names(await planned(production)).includes("starter-keys"));
  });

  it("lets its caller change one field of a child and keeps the rest", async () => {
    const resources = await planned({
      ...production,
      transform: { pods: { web: (pods) => (pods.spec.template.spec.containers[0].image = "registry.example.com/mirror/web:1") } },
    });
    assert.equal(containerOf(resources, "starter-web-pods")["image"], "registry.example.com/mirror/web:1");
    assert.equal(containerOf(resources, "starter-api-pods")["image"], "registry.example.com/app-api:1.4.0");
  });

  it("takes values and its namespace from other resources, for the worker as for the API", async () => {
    const resources = await planned(
      given(development, {
        api: { env: { MINIO_ENDPOINT: pulumi.output("http://minio.data.svc:9000"), ALLOWED_HOSTS: pulumi.output("late.example.com") } },
        worker: { enabled: true, env: { LOG_LEVEL: "debug" } },
        namespace: { create: false, name: pulumi.output("shared") },
      }),
    );
    for (const part of ["api", "worker"]) {
      const found = variables(resources, `starter-${part}-pods`);
      assert.equal(found["MINIO_ENDPOINT"], "http://minio.data.svc:9000");
      assert.ok(found["ALLOWED_HOSTS"]!.split(",").includes("late.example.com"));
      assert.ok(found["ALLOWED_HOSTS"]!.split(",").includes("starter-api.shared.svc"));
    }
    assert.equal(variables(resources, "starter-worker-pods")["LOG_LEVEL"], "debug");
  });
});

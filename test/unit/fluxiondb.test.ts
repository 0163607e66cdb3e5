import * as pulumi from "@pulumi/pulumi";
import { strict as assert } from "node:assert";
import { FluxionDb, FluxionDbArgs } from "../../components/fluxiondb";
import { at, named, plan, refusals, valueOf } from "./components/engine";

const API_KEY = "ak-51f0c2";
const alice: FluxionDbArgs = { user: "alice", ram: "2Gi", apiKey: API_KEY, image: { tag: "1.0.3" } };
const make = (args: Partial<FluxionDbArgs> = {}, opts?: pulumi.ComponentResourceOptions) =>
  new FluxionDb("alice", { ...alice, ...args }, opts);
const planned = (args?: Partial<FluxionDbArgs>) => plan(() => make(args));
const child = async (part: string, args?: Partial<FluxionDbArgs>) => named(await planned(args), `alice-${part}`);
const pod = async (args?: Partial<FluxionDbArgs>) => at(await child("database", args), "spec.template.spec");
const container = async (args?: Partial<FluxionDbArgs>) => at(await pod(args), "containers.0");
const names = async (args?: Partial<FluxionDbArgs>) => (await planned(args)).map(({ name }) => name);

/** Options of the component and of each child, as they are handed on. */
async function optionsOf(args?: Partial<FluxionDbArgs>, opts: pulumi.ComponentResourceOptions = {}) {
  const seen: Record<string, pulumi.CustomResourceOptions> = {};
  await plan(() => make(args, { ...opts, transformations: [({ name, opts: given }) => void (seen[name] = given)] }));
  return seen;
}

describe("FluxionDb", () => {
  it("keeps the type and name of each child: someone's state holds them", async () => {
    const all = await planned({ ingress: { enabled: true }, serviceAccount: { create: true } });
    assert.deepEqual(all.map(({ type, name }) => `${type} ${name}`).sort(), [
      "kubernetes:apps/v1:StatefulSet alice-database",
      "kubernetes:core/v1:Namespace alice-namespace",
      "kubernetes:core/v1:PersistentVolumeClaim alice-claim",
      "kubernetes:core/v1:ResourceQuota alice-quota",
      "kubernetes:core/v1:Secret alice-secret",
      "kubernetes:core/v1:Service alice-service",
      "kubernetes:core/v1:ServiceAccount alice-account",
      "kubernetes:networking.k8s.io/v1:Ingress alice-ingress",
      "kubernetes:networking.k8s.io/v1:NetworkPolicy alice-network-policy",
      "stackyard:fluxiondb:FluxionDb alice",
    ]);
  });

  it("puts everything into the tenant's own namespace, which enforces pod security restricted", async () => {
    const all = await planned({ ingress: { enabled: true } });
    const namespace = named(all, "alice-namespace");
    assert.equal(at(namespace, "metadata.name"), "fluxiondb-alice");
    assert.equal((at(namespace, "metadata.labels") as Record<string, string>)["pod-security.kubernetes.io/enforce"], "restricted");
    const rest = all.filter(({ type, name }) => type.startsWith("kubernetes:") && name !== "alice-namespace");
    assert.deepEqual([...new Set(rest.map(({ inputs }) => at(inputs, "metadata.namespace")))], ["fluxiondb-alice"]);
  });

  it("names every wrong argument at once, before anything is planned", async () => {
    let refused: string[] = [];
    const resources = await plan(() => {
      refused = refusals(
        () =>
          new FluxionDb("db", {
            user: "Not_Valid",
            ram: "lots",
            image: {},
            replicaCount: 2 as 1,
            env: { flushInterval: 0, dataFolder: "data" },
            ingress: { host: "db.example.com" },
          }),
      );
    });
    assert.deepEqual(
      refused.map((text) => text.split(":")[0]),
      ["replicaCount", "image.tag", "env.flushInterval", "env.dataFolder", "ingress.host", "user", "ram", "apiKey"],
    );
    assert.deepEqual(resources, []);
  });

  describe("runs", () => {
    it("one pod, replaced even when it never gets ready", async () => {
      const database = await child("database");
      assert.equal(at(database, "spec.replicas"), 1);
      assert.equal(at(database, "spec.podManagementPolicy"), "Parallel");
    });

    it("with the size that follows from its RAM, and memory that is sure", async () => {
      assert.deepEqual(at(await container(), "resources"), {
        requests: { cpu: "1000m", memory: "2Gi" },
        limits: { cpu: "2000m", memory: "2Gi" },
      });
      assert.equal(at(await child("claim"), "spec.resources.requests.storage"), "4Gi");
    });

    it("no longer while it is suspended, and keeps all the rest", async () => {
      const suspended = await planned({ suspended: true });
      const database = named(suspended, "alice-database");
      assert.equal(at(database, "spec.replicas"), 0);
      assert.equal((at(database, "metadata.annotations") as Record<string, string>)["stackyard.dev/suspended"], "true");
      assert.deepEqual(
        suspended.map(({ name }) => name),
        await names(),
      );
      const running = at(await child("database"), "metadata.annotations") as Record<string, string>;
      assert.ok(!("stackyard.dev/suspended" in running));
    });

    it("and is waited for as long as its probe lets it load, and the one before it stop", async () => {
      const patience = async (args: Partial<FluxionDbArgs>) => {
        const annotations = at(await child("database", args), "metadata.annotations") as Record<string, string>;
        return Number(annotations["pulumi.com/timeoutSeconds"]);
      };
      assert.equal(await patience({}), 60 + 120 + 600);
      const slow = { startupProbe: { initialDelaySeconds: 30, periodSeconds: 10, failureThreshold: 360 }, env: { flushInterval: 60 } };
      assert.equal(await patience(slow), 150 + 120 + 3630);
    });

    it("without waiting for an Ingress or a load balancer that has no pod behind it", async () => {
      const skipped = async (suspended: boolean) => {
        const all = await planned({
          suspended,
          ingress: { enabled: true },
          service: { type: "LoadBalancer" },
          networkPolicy: { clients: "anywhere" },
        });
        return ["ingress", "service"].map(
          (part) => (at(named(all, `alice-${part}`), "metadata.annotations") as Record<string, string>)["pulumi.com/skipAwait"],
        );
      };
      assert.deepEqual(await skipped(true), ["true", "true"]);
      assert.deepEqual(await skipped(false), [undefined, undefined]);
    });
  });

  describe("stops", () => {
    it("only after what was written before is on the volume, and lets the signal reach the database", async () => {
      const spec = await pod({ env: { flushInterval: 20 } });
      assert.equal(at(spec, "containers.0.lifecycle.preStop.sleep.seconds"), 40);
      assert.equal(at(spec, "terminationGracePeriodSeconds"), 70);
      assert.equal(at(spec, "shareProcessNamespace"), true);
    });

    it("at once where it keeps nothing", async () => {
      assert.equal(at(await pod({ persistence: { enabled: false } }), "containers.0.lifecycle"), undefined);
    });
  });

  describe("key", () => {
    it("is in no log of the ingress controller, for clients send it in the address", async () => {
      const annotations = at(await child("ingress", { ingress: { enabled: true } }), "metadata.annotations") as Record<string, string>;
      assert.equal(annotations["nginx.ingress.kubernetes.io/enable-access-log"], "false");
    });

    it("is nowhere in clear, and in no argument of the container", async () => {
      const all = await planned();
      assert.ok(!JSON.stringify(all.map(({ inputs }) => inputs)).includes(API_KEY));
      assert.deepEqual(at(named(all, "alice-database"), "spec.template.spec.containers.0.args"), [
        "--secret-key=$(SECRET_KEY)",
        "--flush-interval=15",
        "--data=/data",
      ]);
      assert.deepEqual(at(await container(), "env"), [
        { name: "SECRET_KEY", valueFrom: { secretKeyRef: { name: "alice-secret-made", key: "secret-key" } } },
      ]);
    });

    it("rolls the pod when it changes: its Secret has no name of its own", async () => {
      assert.equal(at(await child("secret"), "metadata.name"), undefined);
    });

    it("comes from a Secret that exists, where one is named", async () => {
      const args = { apiKey: undefined, secret: { name: "mine", key: "token" } };
      assert.deepEqual(at(await container(args), "env.0.valueFrom.secretKeyRef"), { name: "mine", key: "token" });
      assert.ok(!(await names(args)).includes("alice-secret"));
    });

    it("is taken as an output, and asked for where there is none", async () => {
      const args = { apiKey: pulumi.output("later-7d") };
      assert.ok(!JSON.stringify((await planned(args)).map(({ inputs }) => inputs)).includes("later-7d"));
      for (const [wrong, path] of [
        [{ apiKey: undefined }, "apiKey"],
        [{ apiKey: "" }, "apiKey"],
        [{ secret: { name: "mine" } }, "apiKey"],
        [{ apiKey: undefined, secret: { create: false } }, "secret.name"],
      ] as const) {
        assert.ok(
          refusals(() => make(wrong)).some((text) => text.startsWith(`${path}: `)),
          JSON.stringify(wrong),
        );
      }
    });
  });

  describe("data", () => {
    it("lies below the volume's root, on a claim of its own", async () => {
      const spec = await pod({ env: { dataFolder: "/var/lib/flux" } });
      assert.deepEqual(at(spec, "containers.0.volumeMounts"), [{ name: "data", mountPath: "/var/lib/flux", subPath: "fluxiondb" }]);
      assert.ok((at(spec, "containers.0.args") as string[]).includes("--data=/var/lib/flux"));
      assert.deepEqual(at(spec, "volumes"), [{ name: "data", persistentVolumeClaim: { claimName: "fluxiondb" } }]);
    });

    it("stays when the tenant is taken out: claim and namespace are let go, all else is deleted", async () => {
      const kept = Object.entries(await optionsOf({ ingress: { enabled: true } })).filter(([, opts]) => opts.retainOnDelete);
      assert.deepEqual(kept.map(([name]) => name).sort(), ["alice-claim", "alice-namespace"]);
    });

    it("is protected where the stack says so, and nothing else: a key must be replaceable", async () => {
      const guarded = Object.entries(await optionsOf({}, { protect: true })).filter(([, opts]) => opts.protect);
      assert.deepEqual(guarded.map(([name]) => name).sort(), ["alice-claim", "alice-namespace"]);
    });

    it("that was kept is taken over, its claim with the class and volume that it has", async () => {
      const taken = await optionsOf({ kept: { namespace: true, claim: true } });
      assert.equal(taken["alice-namespace"]?.import, "fluxiondb-alice");
      assert.equal(taken["alice-claim"]?.import, "fluxiondb-alice/fluxiondb");
      assert.deepEqual(taken["alice-claim"]?.ignoreChanges, ["spec.storageClassName", "spec.volumeName"]);
      const fresh = await optionsOf();
      assert.deepEqual([fresh["alice-namespace"]?.import, fresh["alice-claim"]?.import], [undefined, undefined]);
    });

    it("gets room first, then volume, then memory", async () => {
      const opts = await optionsOf();
      const needs = async (part: string) => {
        const needed = [opts[`alice-${part}`]?.dependsOn ?? []].flat() as pulumi.Resource[];
        return Promise.all(needed.map((resource) => valueOf(resource.urn).then((urn) => urn.split("::").at(-1))));
      };
      assert.deepEqual(await needs("claim"), ["alice-quota"]);
      assert.deepEqual((await needs("database")).sort(), ["alice-claim", "alice-quota"]);
    });

    it("is on a claim that exists, where one is named", async () => {
      const args = { persistence: { existingClaim: "old-data" } };
      assert.ok(!(await names(args)).includes("alice-claim"));
      assert.equal(at(await pod(args), "volumes.0.persistentVolumeClaim.claimName"), "old-data");
    });

    it("is in memory only, where persistence is off", async () => {
      const args = { persistence: { enabled: false } };
      assert.ok(!(await names(args)).includes("alice-claim"));
      assert.deepEqual(at(await container(args), "volumeMounts"), []);
      assert.ok(!JSON.stringify(at(await container(args), "args")).includes("--data"));
    });
  });

  describe("quota", () => {
    it("is what the pod and its claim take, and no more", async () => {
      const all = await planned({ persistence: { size: "20Gi" }, resources: { requests: { cpu: "750m" } } });
      const { requests, limits } = at(named(all, "alice-database"), "spec.template.spec.containers.0.resources") as Record<
        "requests" | "limits",
        { cpu: string; memory: string }
      >;
      assert.deepEqual(at(named(all, "alice-quota"), "spec.hard"), {
        pods: "1",
        "requests.cpu": requests.cpu,
        "requests.memory": requests.memory,
        "limits.cpu": limits.cpu,
        "limits.memory": limits.memory,
        persistentvolumeclaims: "1",
        "requests.storage": "20Gi",
      });
      assert.equal(requests.cpu, "750m");
    });

    it("says nothing of a claim that is not ours, and can be left out", async () => {
      const hard = at(await child("quota", { persistence: { existingClaim: "old-data" } }), "spec.hard") as Record<string, string>;
      assert.ok(!("requests.storage" in hard));
      assert.ok(!(await names({ quota: { enabled: false } })).includes("alice-quota"));
    });
  });

  describe("network", () => {
    const ingress = async (args?: Partial<FluxionDbArgs>) => at(await child("network-policy", args), "spec.ingress");

    it("is closed for all pods of the namespace, and open to those that carry the tenant's label", async () => {
      const policy = await child("network-policy");
      assert.deepEqual(at(policy, "spec.podSelector"), { matchLabels: {} });
      assert.deepEqual(at(policy, "spec.policyTypes"), ["Ingress", "Egress"]);
      assert.deepEqual(at(policy, "spec.ingress"), [
        {
          from: [
            {
              namespaceSelector: { matchLabels: {} },
              podSelector: { matchLabels: { "stackyard.dev/fluxiondb-client": "alice" } },
            },
          ],
          ports: [{ protocol: "TCP", port: 8080 }],
        },
      ]);
    });

    it("lets in the clients that are named, and the ingress controller where there is an Ingress", async () => {
      assert.deepEqual(
        await ingress({
          networkPolicy: { clients: [{ namespace: "apps" }], ingressController: { namespace: "edge" } },
          ingress: { enabled: true },
        }),
        ["apps", "edge"].map((namespace) => ({
          from: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } } }],
          ports: [{ protocol: "TCP", port: 8080 }],
        })),
      );
    });

    it("never has a rule without peers, which would let in everybody", async () => {
      const rules = (await ingress({ networkPolicy: { clients: [] }, ingress: { enabled: true } })) as { from?: unknown[] }[];
      assert.deepEqual(
        rules.map(({ from }) => from?.length),
        [1],
      );
    });
  });

  it("has the tenant's host and certificate on its Ingress", async () => {
    const all = await planned({ ingress: { enabled: true } });
    const edge = named(all, "alice-ingress");
    assert.equal(at(edge, "spec.rules.0.host"), "alice.fluxiondb.com");
    assert.deepEqual(at(edge, "spec.tls"), [{ secretName: "alice-fluxiondb-tls", hosts: ["alice.fluxiondb.com"] }]);
    assert.equal((at(edge, "metadata.annotations") as Record<string, string>)["cert-manager.io/cluster-issuer"], "letsencrypt-prod");
  });

  it("says under which addresses it is reached", async () => {
    let inside: FluxionDb | undefined;
    let outside: FluxionDb | undefined;
    await plan(() => {
      inside = make({ service: { port: 9000 } });
      outside = new FluxionDb("bob", {
        ...alice,
        user: "bob",
        ingress: { enabled: true, host: "db-{user}.example.com", tls: { enabled: false } },
      });
    });
    assert.ok(inside && outside);
    assert.equal(await valueOf(inside.url), "ws://fluxiondb.fluxiondb-alice.svc:9000");
    assert.equal(await valueOf(inside.outsideUrl), undefined);
    assert.equal(await valueOf(inside.claim), "fluxiondb");
    assert.deepEqual(inside.clientLabels, { "stackyard.dev/fluxiondb-client": "alice" });
    assert.equal(await valueOf(outside.outsideUrl), "ws://db-bob.example.com");
  });

  it("changes one child and nothing else when one image tag changes", async () => {
    const [before, after] = [await planned(), await planned({ image: { tag: "1.0.4" } })];
    const changed = after.filter(({ inputs }, index) => JSON.stringify(inputs) !== JSON.stringify(before[index]?.inputs));
    assert.deepEqual(changed.map(({ name }) => name).sort(), ["alice", "alice-database"]);
  });

  it("lets its caller change one field of a child and keeps the rest", async () => {
    const database = await child("database", {
      transform: { database: (set) => void (set.spec.template.spec.terminationGracePeriodSeconds = 90) },
    });
    assert.equal(at(database, "spec.template.spec.terminationGracePeriodSeconds"), 90);
    assert.equal(at(database, "metadata.name"), "fluxiondb");
  });
});

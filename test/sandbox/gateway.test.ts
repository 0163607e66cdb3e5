import { strict as assert } from "node:assert";
import { execa } from "execa";
import { FluxionDb } from "../../components/fluxiondb";
import { Plinko } from "../../components/plinko";
import { Starter, type StarterArgs } from "../../components/starter";
import { assertDecided, HOSTS, meetingsOf, type EdgeObject } from "../support/gateway";
import { stackyard } from "../support/stackyard";
import { TrialStack } from "../support/trial-stack";
import { plan } from "../unit/components/engine";
import { given as plinko, merged } from "../unit/plinko-given";
import { given, production } from "../unit/starter-given";

const SANDBOX = `gateway-${process.pid}`;
const KINDS = ["HTTPRoute", "BackendTrafficPolicy", "ListenerSet", "Certificate"];
const gateway = { name: "shared", namespace: "edge" };
const all = { namespaces: { from: "All" } };
const shared = {
  apiVersion: "gateway.networking.k8s.io/v1",
  kind: "Gateway",
  metadata: gateway,
  spec: {
    gatewayClassName: "eg",
    allowedListeners: all,
    listeners: [{ name: "http", port: 80, protocol: "HTTP", allowedRoutes: all }],
  },
};
const namespace = (name: string) => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } });

describe("the edge on a Gateway", function () {
  this.timeout("10m"); // the first run builds the programs
  let stack: TrialStack;

  /** Server-side apply: the API server refuses what the kinds' definitions do not know or do not allow. */
  const apply = async (objects: readonly object[], ...options: string[]) => {
    const input = JSON.stringify({ apiVersion: "v1", kind: "List", items: objects });
    const args = ["apply", "--server-side", "--filename=-", "--output=json", ...options];
    const { stdout, stderr, exitCode } = await execa("kubectl", args, { env: stack.env, input, reject: false });
    const { items } = JSON.parse(exitCode === 0 ? stdout : "{}") as { items?: EdgeObject[] };
    return { exitCode, stderr, objects: items ?? (JSON.parse(stdout || "[]") as EdgeObject[]) };
  };
  /** dotdo alone, without data services: what it needs of them is not what is tried here. */
  const write = (ingress: object) =>
    stack.write((config) => {
      for (const layer of ["fluxiondb", "plinko", "starter"]) Reflect.deleteProperty(config, `stackyard:${layer}`);
      config["stackyard:layers"] = ["dotdo"];
      Object.assign(config["stackyard:dotdo"] ?? {}, { backing: {}, ingress: { hosts: HOSTS, ...ingress } });
    });
  const up = async () => {
    const { exitCode, all: said } = await stack.pulumi("up", "--yes", "--skip-preview");
    assert.equal(exitCode, 0, said);
  };

  before(async () => {
    stack = await TrialStack.on(SANDBOX);
    const { exitCode, stderr } = await apply([namespace("edge"), namespace("fluxiondb-alice"), shared]);
    assert.equal(exitCode, 0, stderr);
  });
  after(async () => {
    stack?.close();
    await stackyard(["sandbox", "reset", "--sandbox", SANDBOX]);
  });

  it("takes over from an Ingress in one up, and decides for each of 1,000 requests to dotdo", async () => {
    write({});
    await up();
    assert.equal((await stack.objects("ingresses", "--all-namespaces")).length, 2);

    write({ gateway, tls: [{ secretName: "do-tls", hosts: ["do.example.com"] }], clusterIssuer: "letsencrypt" });
    await up();
    assert.deepEqual(await stack.objects("ingresses", "--all-namespaces"), []);
    assert.deepEqual(await stack.preview(), []);
    const kinds = "httproutes,backendtrafficpolicies,listenersets,certificates";
    const live = await stack.objects<EdgeObject>(kinds, "--namespace=dotdo-dev");
    assert.deepEqual(new Set(live.map(({ kind }) => kind)), new Set(KINDS));
    assertDecided(live);
  });

  it("of Plinko, the starter and a tenant of FluxionDB is what the API server takes, and serves each host and path once", async () => {
    const place = { namespace: { create: false, name: "default" } };
    const tls = { enabled: true };
    const systems: [name: string, make: () => unknown, asked: [port: 80 | 443, host: string, path: string, service: string][]][] = [
      [
        "Plinko by paths",
        () => new Plinko("plinko", merged(plinko, { ...place, ingress: { gateway } })),
        [
          [80, "any.example.com", "/api/hint", "plinko-pir-server"],
          [80, "any.example.com", "/cdn/hint.bin", "plinko-cdn-mock"],
          [80, "any.example.com", "/", "plinko-rabby-wallet"],
        ],
      ],
      [
        "Plinko by hosts",
        () =>
          new Plinko(
            "plinko",
            merged(plinko, { ...place, global: { domain: "example.com", tls }, ingress: { gateway, clusterIssuer: "le" } }),
          ),
        [
          [443, "plinko-api.example.com", "/hint", "plinko-pir-server"],
          [443, "plinko-cdn.example.com", "/hint.bin", "plinko-cdn-mock"],
          [443, "plinko-wallet.example.com", "/", "plinko-rabby-wallet"],
        ],
      ],
      [
        "the starter",
        () => {
          const api = { apiHosts: [{ host: "api.example.com" }], apiTls: [{ secretName: "api-tls", hosts: ["api.example.com"] }] };
          return new Starter("starter", given<StarterArgs>(production, { ...place, ingress: { gateway, clusterIssuer: "le", ...api } }));
        },
        [
          [443, "app.example.com", "/api/x", "starter-web"],
          [443, "api.example.com", "/v1", "starter-api"],
        ],
      ],
      [
        "a tenant",
        () => {
          const ingress = { enabled: true, gateway, accessLog: "without-query" as const };
          return new FluxionDb("alice", { user: "alice", ram: "512Mi", image: { tag: "1" }, apiKey: "ak-1", ingress });
        },
        [[443, "alice.fluxiondb.com", "/", "fluxiondb"]],
      ],
    ];
    for (const [name, make, asked] of systems) {
      const planned = (await plan(make)).map(({ inputs }) => inputs as EdgeObject).filter(({ kind }) => KINDS.includes(kind));
      const { exitCode, stderr, objects } = await apply(planned, "--dry-run=server");
      assert.equal(exitCode, 0, `${name}: ${stderr}`);
      assert.equal(objects.length, planned.length);
      for (const [port, host, path, service] of asked) {
        for (const headers of [{}, { Upgrade: "websocket" }] as Record<string, string>[]) {
          const [meeting, ...more] = meetingsOf(objects, { port, host, path, headers });
          assert.equal(more.length, 0, `${host}${path} meets several rules`);
          assert.deepEqual(
            meeting?.rule.backendRefs?.map((to) => to.name),
            [service],
            `${host}${path}`,
          );
          assert.equal(meeting?.policies.length, 1, `${host}${path}`);
        }
      }
    }
  });

  it("is looked at by the API server: what the kinds do not allow is refused", async () => {
    const metadata = { name: "wrong", namespace: "default" };
    const policy = (spec: object) => ({ apiVersion: "gateway.envoyproxy.io/v1alpha1", kind: "BackendTrafficPolicy", metadata, spec });
    const targetRefs = [{ group: "gateway.networking.k8s.io", kind: "HTTPRoute", name: "x" }];
    for (const [object, why] of [
      [policy({ targetRefs, requestBuffer: { limit: "50m" } }), /requestBuffer.limit/],
      [policy({ targetRefs, loadBalancer: { type: "ConsistentHash" } }), /consistentHash/],
      [policy({ targetRefs, timeout: { http: { idle: "1s" } } }), /idle/],
      [
        { apiVersion: "gateway.networking.k8s.io/v1", kind: "ListenerSet", metadata, spec: { parentRef: gateway, listeners: [] } },
        /listeners/,
      ],
    ] as const) {
      const { exitCode, stderr } = await apply([object], "--dry-run=server");
      assert.notEqual(exitCode, 0);
      assert.match(stderr, why);
    }
  });
});

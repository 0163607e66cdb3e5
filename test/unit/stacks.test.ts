import * as pulumi from "@pulumi/pulumi";
import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { stringify } from "yaml";
import { load } from "../../config";
import { refuse } from "../../stacks/cluster";
import { dnsOf } from "../../stacks/dns";
import { deploy } from "../../stacks/environment";
import { askerOf, identityOf } from "../../stacks/identity";
import { StackOutputs } from "../../outputs";
import { contracted } from "../../stacks/outputs";

const UID = "0f8fad5b-d9cb-469f-a165-70867728950e";
const OTHER = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
const bound = { context: "kind-dev", uid: UID };

interface Planned {
  readonly type: string;
  readonly name: string;
  readonly inputs: { readonly [name: string]: unknown };
  readonly provider: string;
}

/** What a stack plans and exports, on the cluster that its config names. */
async function deployed(config: Record<string, unknown>, encrypted: string[] = []) {
  const planned: Planned[] = [];
  pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs, provider }) => {
        const given = inputs as Record<string, unknown>;
        planned.push({ type, name, inputs: given, provider: provider ?? "" });
        return {
          id: `${name}-id`,
          state: { ...given, metadata: { name: `${name}-made`, ...(given["metadata"] as object) }, result: `${name}-made` },
        };
      },
      call: ({ token }) => assert.fail(`no call is expected, not ${token}`),
    },
    "stackyard",
    "test",
  );
  pulumi.runtime.setAllConfig(Object.fromEntries(Object.entries(config).map(([key, value]) => [key, JSON.stringify(value)])), encrypted);
  const exported = await deploy(load());
  const outputs = await new Promise<unknown>((resolve) => pulumi.output(exported).apply(resolve));
  await pulumi.runtime.disconnect();
  return { planned, outputs };
}

describe("stacks", function () {
  this.timeout("20s"); // the first deploy loads the Kubernetes SDK
  let folder: string;
  let api: Server;
  let config: (section: object, rest?: object) => Record<string, unknown>;
  const asked: string[] = [];

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "stackyard-"));
    const answers: Record<string, unknown> = {
      "/version": { gitVersion: "v1.35.2" },
      "/api/v1/namespaces/kube-system": { metadata: { uid: UID } },
    };
    api = createServer((request, response) => {
      asked.push(`${request.url} ${request.headers.authorization}`);
      // of everything else the cluster has nothing yet
      const list = /^\/api(s\/apps)?\/v1\/namespaces\/[^/]+\/[a-z]+$/.test(request.url ?? "") ? { items: [] } : undefined;
      const answer = answers[request.url ?? ""] ?? list;
      response.writeHead(answer ? 200 : 404).end(JSON.stringify(answer ?? {}));
    });
    await new Promise<void>((resolve) => api.listen(0, "127.0.0.1", resolve));
    const kubeconfig = join(folder, "kubeconfig");
    const cluster = (server: string) => ({ name: server, cluster: { server, "insecure-skip-tls-verify": true } });
    const servers = [`http://127.0.0.1:${(api.address() as AddressInfo).port}`, "http://127.0.0.1:1"];
    writeFileSync(
      kubeconfig,
      stringify({
        clusters: servers.map(cluster),
        users: [{ name: "me", user: { token: "me-token" } }],
        contexts: [
          { name: "kind-dev", context: { cluster: servers[0], user: "me" } },
          { name: "gone", context: { cluster: servers[1], user: "me" } },
        ],
        "current-context": "gone",
      }),
    );
    config = (section, rest = {}) => ({
      "stackyard:layers": ["dotdo"],
      "stackyard:cluster": { ...bound, kubeconfig },
      "stackyard:dotdo": { image: { tag: "1.2.3" }, ...section },
      ...rest,
    });
  });

  after(() => {
    api.close();
    rmSync(folder, { recursive: true });
  });

  describe("cluster", () => {
    const kubeconfig = () => join(folder, "kubeconfig");

    it("is asked who it is by the context that is named, not by the current one, with the credentials of that context", async () => {
      asked.length = 0;
      assert.deepEqual(await identityOf(askerOf("kind-dev", kubeconfig())), { uid: UID, version: "v1.35.2" });
      assert.deepEqual(asked.sort(), ["/api/v1/namespaces/kube-system Bearer me-token", "/version Bearer me-token"]);
    });

    it("is refused by name when it is another one", () => {
      assert.throws(
        () => refuse("prod", bound, { uid: OTHER, version: "v1.35.2" }),
        (error: unknown) =>
          pulumi.RunError.isInstance(error) &&
          [`"prod"`, `"kind-dev"`, UID, OTHER, `pulumi config set --stack prod --path 'stackyard:cluster.context'`].every((part) =>
            error.message.includes(part),
          ),
      );
    });

    for (const version of ["v1.32.9", "v1.37.0", "v2.0.0"]) {
      it(`is refused with Kubernetes ${version}`, () => {
        assert.throws(() => refuse("prod", bound, { uid: UID, version }), {
          message: new RegExp(`${version}; versions 1\\.33 to 1\\.36 are supported`),
        });
      });
    }
    for (const version of ["v1.33.0", "v1.36.3", "v1.34.1-eks-2d5f260", "v1.35.0+k3s1"]) {
      it(`is taken with Kubernetes ${version}`, () => refuse("prod", bound, { uid: UID, version }));
    }

    for (const [context, reason] of [
      ["gone", /ECONNREFUSED[^]*kubectl --kubeconfig \S+ --context gone get namespace/],
      ["nowhere", /has no context "nowhere"; it has kind-dev, gone/],
    ] as const) {
      it(`is refused, before anything is planned, when context ${context} does not reach it`, async () => {
        const wanted = config({}, { "stackyard:cluster": { context, uid: UID, kubeconfig: kubeconfig() } });
        await assert.rejects(deployed(wanted), (error: unknown) => pulumi.RunError.isInstance(error) && reason.test(error.message));
      });
    }
  });

  describe("environment", () => {
    it("sends every object to the one provider, which is bound to the cluster", async () => {
      const { planned } = await deployed(config({ backing: { libsql: {}, minio: {}, redis: {} } }));
      const provider = planned.find(({ type }) => type === "pulumi:providers:kubernetes");
      assert.equal(provider?.inputs["clusterIdentifier"], UID);
      assert.equal(provider?.inputs["context"], "kind-dev");
      const objects = planned.filter(({ type }) => type.startsWith("kubernetes:"));
      assert.ok(objects.length > 20);
      assert.deepEqual(
        objects.filter(({ provider }) => !provider.includes("::cluster::")).map(({ name }) => name),
        [],
      );
    });

    it("keeps in its provider nothing of a run that may take over fields", async () => {
      const inputs = async () => (await deployed(config({}))).planned.find(({ type }) => type === "pulumi:providers:kubernetes")?.inputs;
      const usual = await inputs();
      process.env["PULUMI_K8S_ENABLE_PATCH_FORCE"] = "true";
      try {
        assert.deepEqual(await inputs(), usual);
      } finally {
        delete process.env["PULUMI_K8S_ENABLE_PATCH_FORCE"];
      }
    });

    it("says what is kept where there is data, and that nothing is where there is none", async () => {
      const { outputs } = await deployed(config({ namespace: { name: "dotdo-dev" }, backing: { redis: {} } }));
      assert.deepEqual((outputs as StackOutputs).kept, [
        { kind: "Namespace", name: "dotdo-dev" },
        { kind: "PersistentVolumeClaim", namespace: "dotdo-dev", name: "dotdo-redis" },
      ]);
      assert.deepEqual(((await deployed(config({}))).outputs as StackOutputs).kept, []);
    });

    it("has pods of the layer obey the restricted pod security standard", async () => {
      const { planned } = await deployed(config({}));
      const namespace = planned.find(({ name }) => name === "dotdo-namespace")?.inputs["metadata"] as { labels: Record<string, string> };
      assert.equal(namespace.labels["pod-security.kubernetes.io/enforce"], "restricted");
      assert.equal(namespace.labels["app.kubernetes.io/part-of"], "stackyard");
    });

    it("gives dotdo the addresses and keys of the data services beside it", async () => {
      const { planned } = await deployed(config({ backing: { libsql: {}, minio: {}, redis: {} } }));
      const { data } = planned.find(({ name }) => name === "dotdo-config")?.inputs as { data: Record<string, string> };
      assert.deepEqual(
        [data["TURSO_URL"], data["R2_ENDPOINT"], data["R2_BUCKET"], data["REDIS_URL"]],
        ["http://dotdo-libsql.dotdo.svc:8080", "http://dotdo-minio.dotdo.svc:9000", "dotdo-iceberg", "redis://dotdo-redis.dotdo.svc:6379"],
      );
      const secret = inspect(planned.find(({ name }) => name === "dotdo-secret")?.inputs, { depth: 9 });
      for (const key of ["r2-access-key", "r2-secret-key", "redis-password"]) assert.ok(secret.includes(key), `${key} is not in ${secret}`);
    });

    it("hands the secrets of the config on as secrets only", async () => {
      const section = { secrets: { tursoToken: "turso", apiKey: "api" } };
      const rest = { "stackyard:secrets": { turso: "hunter2", api: "hunter3" } };
      const { planned } = await deployed(config(section, rest), ["stackyard:secrets"]);
      const inClear = JSON.stringify(planned, (_key, value: unknown) => (pulumi.runtime.isRpcSecret(value) ? "[secret]" : value));
      assert.ok(!/hunter/.test(inClear), inClear);
      const all = JSON.stringify(planned.find(({ name }) => name === "dotdo-secret"));
      assert.match(all, /"turso-token":"hunter2"/);
      assert.match(all, /"api-key":"hunter3"/);
    });

    it("exports what the contract says", async () => {
      const { outputs } = await deployed(config({ ingress: { hosts: [{ host: "do.example.com" }] } }));
      assert.deepEqual(StackOutputs.parse(outputs), {
        cluster: bound,
        dotdo: {
          url: "http://dotdo.dotdo.svc:8787",
          hosts: ["http://do.example.com"],
          namespace: "dotdo",
          service: "dotdo",
          headlessService: "dotdo-headless.dotdo.svc",
          image: "ghcr.io/dot-do/dotdo:1.2.3",
          env: { DO_IDLE_TIMEOUT: 60000, DO_RPC_TIMEOUT: 30000 },
        },
        dns: [{ name: "do.example.com" }], // the mocked Ingress has no address
        kept: [],
      });
    });

    it("limits what the namespace may ask for, where the section says so", async () => {
      const { planned } = await deployed(config({ quota: { pods: 9, memory: "4Gi" } }));
      const { spec, metadata } = planned.find(({ name }) => name === "dotdo-quota")?.inputs as Record<string, object>;
      assert.deepEqual(spec, { hard: { pods: "9", "requests.memory": "4Gi" } });
      assert.equal((metadata as { namespace: string }).namespace, "dotdo");
      assert.ok(!(await deployed(config({}))).planned.some(({ name }) => name === "dotdo-quota"));
    });

    it("has the operator make dotdo's Secret, whose keys the pods read", async () => {
      const externalSecrets = {
        secretStoreRef: { name: "vault" },
        data: { tursoToken: "prod/turso", apiKey: { key: "prod/dotdo", property: "api" } },
      };
      const { planned } = await deployed(config({ externalSecrets }));
      const { spec } = planned.find(({ name }) => name === "dotdo-external-secret")?.inputs as { spec: Record<string, unknown> };
      assert.deepEqual(
        [spec["secretStoreRef"], spec["data"]],
        [
          { name: "vault", kind: "ClusterSecretStore" },
          [
            { secretKey: "turso-token", remoteRef: { key: "prod/turso" } },
            { secretKey: "api-key", remoteRef: { key: "prod/dotdo", property: "api" } },
          ],
        ],
      );
      const { name } = spec["target"] as { name: string };
      const pods = JSON.stringify(planned.find(({ name }) => name === "dotdo-pods"));
      const asked = [...pods.matchAll(/"secretKeyRef":(\{.*?\})/g)].map(([, ref = ""]) => JSON.parse(ref) as unknown);
      // not optional: a pod that starts before the operator has been there waits for it
      assert.deepEqual(
        asked,
        ["turso-token", "api-key"].map((key) => ({ key, name, optional: false })),
      );
    });
  });

  it("name a record for each address of each host, and none for hosts of the machine itself", async () => {
    const served = [
      { urls: ["https://a.example.com"], address: "192.0.2.7" },
      { urls: ["https://b.example.com", "http://dotdo.localhost"] },
      { urls: ["wss://c.example.com"], address: "" },
    ];
    const records = await new Promise((resolve) => dnsOf(served, ["2001:db8::1", "lb.example.net"]).apply(resolve));
    assert.deepEqual(records, [
      { name: "a.example.com", type: "A", value: "192.0.2.7" },
      { name: "b.example.com", type: "AAAA", value: "2001:db8::1" },
      { name: "b.example.com", type: "CNAME", value: "lb.example.net" },
      { name: "c.example.com" },
    ]);
  });

  it("refuse to export what breaks the contract, by output and field", () => {
    const broken = { url: "dotdo", hosts: [], namespace: "dotdo", service: "dotdo", headlessService: "" };
    assert.throws(() => contracted("dotdo", StackOutputs.shape.dotdo, broken), { message: /dotdo\.url: [^]*dotdo\.headlessService: / });
  });
});

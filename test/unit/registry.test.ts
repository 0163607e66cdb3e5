import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { strict as assert } from "node:assert";
import { inspect } from "node:util";
import { fromRegistry, mirrored } from "../../components/kubernetes/registry";
import { installedParts } from "../../components/platform/options";
import { CHARTS } from "../../components/platform/versions";
import { load } from "../../config";
import { useRegistry, type PullsIn } from "../../stacks/registry";
import { at } from "./components/engine";

const MIRRORS = { "ghcr.io": "registry.example.com/ghcr", "docker.io": "registry.example.com:5000/hub", "localhost:5000": "a.example.com" };
const DIGEST = `sha256:${"0".repeat(64)}`;

describe("images and their mirrors", () => {
  for (const [image, expected] of [
    ["ghcr.io/dot-do/dotdo:0.1.0", "registry.example.com/ghcr/dot-do/dotdo:0.1.0"],
    [`ghcr.io/dot-do/dotdo:0.1.0@${DIGEST}`, `registry.example.com/ghcr/dot-do/dotdo:0.1.0@${DIGEST}`],
    [`ghcr.io/dot-do/dotdo@${DIGEST}`, `registry.example.com/ghcr/dot-do/dotdo@${DIGEST}`],
    ["redis", "registry.example.com:5000/hub/library/redis"],
    ["redis:7.4.2-alpine", "registry.example.com:5000/hub/library/redis:7.4.2-alpine"],
    [`redis@${DIGEST}`, `registry.example.com:5000/hub/library/redis@${DIGEST}`],
    ["docker.io/redis:7", "registry.example.com:5000/hub/library/redis:7"],
    ["docker.io/library/redis:7", "registry.example.com:5000/hub/library/redis:7"],
    ["index.docker.io/library/redis:7", "registry.example.com:5000/hub/library/redis:7"],
    ["minio/minio:1", "registry.example.com:5000/hub/minio/minio:1"],
    ["localhost:5000/one/two:3", "a.example.com/one/two:3"],
    ["localhost/one:3", "localhost/one:3"],
    ["quay.io/minio/minio:1", "quay.io/minio/minio:1"],
    ["registry.example.com/ghcr/dot-do/dotdo:0.1.0", "registry.example.com/ghcr/dot-do/dotdo:0.1.0"],
    ["ghcr.io:443/dot-do/dotdo:0.1.0", "ghcr.io:443/dot-do/dotdo:0.1.0"],
  ] as const) {
    it(`${image} comes from ${expected}`, () => assert.equal(mirrored(image, MIRRORS), expected));
  }

  const pod = (image: pulumi.Input<string>, rest: object = {}) => ({ containers: [{ name: "main", image }], ...rest });
  const there = "registry.example.com:5000/hub/library/redis:7";

  it("are those of all containers, wherever a kind has its pods", () => {
    const spec = pod("redis:7", { initContainers: [{ name: "first", image: "ghcr.io/a/b:1" }], restartPolicy: "Never" });
    const expected = {
      ...pod(there),
      initContainers: [{ name: "first", image: "registry.example.com/ghcr/a/b:1" }],
      restartPolicy: "Never",
    };
    const template = (inner: object) => ({ spec: { replicas: 1, template: { metadata: { labels: {} }, spec: inner } } });
    for (const kind of ["apps/v1:Deployment", "apps/v1:StatefulSet", "apps/v1:DaemonSet", "apps/v1:ReplicaSet", "batch/v1:Job"]) {
      assert.deepEqual(fromRegistry(`kubernetes:${kind}`, template(spec), MIRRORS), template(expected), kind);
    }
    assert.deepEqual(fromRegistry("kubernetes:core/v1:Pod", { spec }, MIRRORS), { spec: expected });
    const cron = (inner: object) => ({ spec: { jobTemplate: template(inner) } });
    assert.deepEqual(fromRegistry("kubernetes:batch/v1:CronJob", cron(spec), MIRRORS), cron(expected));
    assert.deepEqual(fromRegistry("kubernetes:core/v1:Service", { spec }, MIRRORS), { spec });
  });

  it("are those that are known only later, too", async () => {
    const late = { spec: pulumi.output({ template: pulumi.output({ spec: pod(pulumi.output("redis:7")) }) }) };
    const changed = fromRegistry("kubernetes:apps/v1:Deployment", late, MIRRORS, "pull");
    const known = await new Promise<unknown>((resolve) => pulumi.output(changed).apply(resolve));
    assert.deepEqual(known, { spec: { template: { spec: pod(there, { imagePullSecrets: [{ name: "pull" }] }) } } });
  });

  it("are pulled with the stack's secret beside those that a workload names, and the workload itself stays as it was", () => {
    const given = { spec: pod("redis:7", { imagePullSecrets: [{ name: "own" }] }) };
    const before = structuredClone(given);
    const changed = fromRegistry("kubernetes:core/v1:Pod", given, {}, "pull");
    assert.deepEqual(changed, { spec: pod("redis:7", { imagePullSecrets: [{ name: "own" }, { name: "pull" }] }) });
    assert.deepEqual(given, before);
  });
});

/** The SDK has it, and leaves it out of its types. */
const { setStackResource } = require("@pulumi/pulumi/runtime/state") as { setStackResource: (stack: undefined) => void };

type Config = Record<string, unknown>;
const SECRET = "hunter2";
const DOCKER_CONFIG = JSON.stringify({ auths: { "registry.example.com": { username: "puller", password: SECRET } } });

/** Loads a config whose stackyard:secrets are encrypted. */
function loaded(registry: unknown, rest: Config = {}, encrypted = ["stackyard:secrets"]) {
  const config: Config = {
    "stackyard:layers": ["dotdo"],
    "stackyard:cluster": { context: "kind-dev", uid: "0f8fad5b-d9cb-469f-a165-70867728950e" },
    "stackyard:dotdo": { image: { tag: "1.2.3" } },
    "stackyard:secrets": { pull: DOCKER_CONFIG },
    "stackyard:registry": registry,
    ...rest,
  };
  pulumi.runtime.setMocks({ newResource: ({ inputs }) => ({ id: "", state: inputs as Config }), call: () => ({}) }, "stackyard", "test");
  const texts = Object.entries(config).map(([key, value]) => [key, JSON.stringify(value)]);
  pulumi.runtime.setAllConfig(Object.fromEntries(texts) as Record<string, string>, encrypted);
  return load();
}

/** What it is refused with, under each key; the secret is in none of it. */
function refused(...given: Parameters<typeof loaded>): Record<string, string> {
  try {
    loaded(...given);
  } catch (error) {
    assert.ok(pulumi.RunError.isInstance(error), `not refused, but failed: ${inspect(error)}`);
    assert.ok(!error.message.includes(SECRET), error.message);
    const [, ...blocks] = error.message.split("\n\n");
    return Object.fromEntries(blocks.map((block) => [block.slice(0, block.indexOf("\n")), block.slice(block.indexOf("\n") + 1)]));
  }
  return assert.fail("the config was taken");
}

describe("stackyard:registry", () => {
  it("is taken whole", () => {
    const registry = { mirrors: { "ghcr.io": "registry.example.com:5000/g_h--c.r", "docker.io": "localhost:5000" }, pullSecret: "pull" };
    assert.deepEqual(loaded(registry).registry, registry);
    assert.deepEqual(loaded({ mirrors: { "localhost:5000": "registry.example.com" } }).registry?.pullSecret, undefined);
    assert.equal(loaded(undefined).registry, undefined);
  });

  it("names every mirror that is no address, and every name that is no registry", () => {
    const wrong = [
      "https://registry.example.com",
      "registry.example.com/",
      "registry.example.com/GHCR",
      "ghcr",
      "registry.example.com/a:1",
    ];
    for (const address of wrong) {
      const { 'stackyard:registry.mirrors["ghcr.io"]': said = "" } = refused({ mirrors: { "ghcr.io": address } });
      assert.ok(
        said.includes(`${JSON.stringify(address)} is no address of a registry: write host and path, such as registry.example`),
        said,
      );
      assert.ok(said.includes(`$ pulumi config set --stack test --path 'stackyard:registry.mirrors["ghcr.io"]' '<value>'`), said);
    }
    for (const name of ["ghcr", "docker.io/library", "https://ghcr.io", "index.docker.io"]) {
      const [[key, said] = []] = Object.entries(refused({ mirrors: { [name]: "registry.example.com" } }));
      assert.ok(key?.startsWith("stackyard:registry.mirrors"), key);
      assert.ok(said?.includes(`${JSON.stringify(name)} is no registry: write its host, such as ghcr.io`), said);
    }
  });

  it("knows its keys", () => {
    const { "stackyard:registry.mirors": said } = refused({ mirors: {} });
    assert.match(said ?? "", /is unknown: did you mean mirrors\?/);
  });

  const set = "$ pulumi config set --stack test --secret --path 'stackyard:secrets.registry-pull-secret'";
  const refer = "$ pulumi config set --stack test --plaintext --path 'stackyard:registry.pullSecret' registry-pull-secret";

  it("takes no pull secret in clear, and shows none", () => {
    for (const pullSecret of [DOCKER_CONFIG, { auths: { a: { auth: SECRET } } }]) {
      const said = refused({ pullSecret })["stackyard:registry.pullSecret"] ?? "";
      assert.match(said, /names no key of stackyard:secrets/);
    }
    const said = refused({ pullSecret: DOCKER_CONFIG })["stackyard:registry.pullSecret"] ?? "";
    assert.ok(said.includes(set) && said.includes(refer), said);
    const { "stackyard:secrets.pull": inClear = "" } = refused({ pullSecret: "pull" }, {}, []);
    assert.match(inClear, /stands in clear/);
    const { "stackyard:registry": inside = "" } = refused({ pullSecret: "pull" }, {}, ["stackyard:secrets", "stackyard:registry"]);
    assert.match(inside, /holds an encrypted value, and a section holds none/);
  });

  for (const [what, value] of Object.entries({
    "text that is no JSON": `{"auths": ${SECRET}`,
    "JSON without auths": JSON.stringify({ password: SECRET }),
    "no registry": JSON.stringify({ auths: {}, password: SECRET }),
    "a registry without a password": JSON.stringify({ auths: { "a.example.com": {} }, credsStore: SECRET }),
  })) {
    it(`takes no ${what} for a Docker config`, () => {
      const said = refused({ pullSecret: "pull" }, { "stackyard:secrets": { pull: value } })["stackyard:secrets.pull"] ?? "";
      assert.match(said, /is no Docker config \(what is given is not shown\): write JSON such as \{"auths":/);
      assert.match(said, /\$ pulumi config set --stack test --secret --path 'stackyard:secrets\.pull' < ~\/docker-config\.json/);
    });
  }

  it("is refused where a chart chooses the images: of a system, or of a part of the platform", () => {
    const chart = { path: "./charts/dotdo" };
    const said = refused({}, { "stackyard:dotdo": { image: { tag: "1.2.3" }, chart } })["stackyard:registry"] ?? "";
    assert.match(said, /does not reach stackyard:dotdo\.chart: the chart chooses its images/);
    const platform = (section: object) => ({ "stackyard:layers": ["dotdo", "platform"], "stackyard:platform": section });
    const parts = refused({}, platform({ prometheus: {}, edge: { gateway: {} }, loki: { existing: true } }))["stackyard:registry"] ?? "";
    assert.match(parts, /does not reach edge\.gateway, prometheus of stackyard:platform/);
    assert.ok(loaded({}, platform({ prometheus: { existing: true } })).layers.platform);
  });

  it("knows every part of the platform that has a chart", () => {
    const whose = { envoyGateway: "edge.gateway", trustManager: "linkerd", linkerdCrds: "linkerd", linkerdCni: "linkerd", alloy: "loki" };
    const parts = installedParts({ ...Object.fromEntries(Object.keys(CHARTS).map((name) => [name, {}])), edge: { gateway: {} } });
    const expected = Object.keys(CHARTS).map((name) => whose[name as keyof typeof whose] ?? name);
    assert.deepEqual(parts.sort(), [...new Set(expected)].sort());
  });
});

describe("a stack with a registry", function () {
  this.timeout("20s"); // the first one loads the Kubernetes SDK

  /** What is planned with a registry in a stack of the engine's, and what ends the run. */
  async function planned(make: (pullsIn: PullsIn, opts: pulumi.CustomResourceOptions) => void) {
    const made: { type: string; name: string; inputs: Record<string, unknown> }[] = [];
    loaded({ mirrors: MIRRORS, pullSecret: "pull" }); // sets the config
    pulumi.runtime.setMocks(
      {
        newResource: ({ type, name, inputs }) => {
          made.push({ type, name, inputs: inputs as Record<string, unknown> });
          return { id: name, state: inputs as Record<string, unknown> };
        },
        call: () => ({}),
      },
      "stackyard",
      "test",
    );
    try {
      await pulumi.runtime.runInPulumiStack(async () => {
        const provider = new k8s.Provider("cluster");
        make(useRegistry({ stack: "My_Stack", registry: { mirrors: MIRRORS, pullSecret: "pull" } }, provider), { provider });
      });
      await pulumi.runtime.disconnect();
    } finally {
      setStackResource(undefined); // whatever else is planned in this process has no stack
    }
    return made.filter(({ type }) => type !== "pulumi:pulumi:Stack" && !type.startsWith("pulumi:providers:"));
  }
  const workload = (namespace: pulumi.Input<string>) => ({
    metadata: { namespace },
    spec: { selector: {}, template: { spec: { containers: [{ name: "main", image: "redis:7" }] } } },
  });

  it("plans pods of the mirror, and one pull secret a namespace, whoever names it first", async () => {
    const made = await planned((pullsIn, opts) => {
      new k8s.apps.v1.Deployment("first", workload("a"), opts);
      pullsIn("a", pulumi.output("a"));
      pullsIn("a", "a");
    });
    const [deployment, secret, ...others] = made.sort((one, other) => (one.type < other.type ? -1 : 1));
    assert.deepEqual(others, []);
    const pod = { containers: [{ name: "main", image: "registry.example.com:5000/hub/library/redis:7" }] };
    assert.deepEqual(at(deployment, "inputs.spec.template.spec"), { ...pod, imagePullSecrets: [{ name: "registry-my-stack" }] });
    assert.equal(secret?.name, "a-registry");
    assert.deepEqual(secret.inputs["metadata"], {
      name: "registry-my-stack",
      namespace: "a",
      labels: { "app.kubernetes.io/part-of": "stackyard" },
    });
    assert.equal(secret.inputs["type"], "kubernetes.io/dockerconfigjson");
    const data = secret.inputs["stringData"];
    assert.ok(pulumi.runtime.isRpcSecret(data), "the password is among the inputs in clear");
    assert.deepEqual(pulumi.runtime.unwrapRpcSecret(data), { ".dockerconfigjson": DOCKER_CONFIG });
  });
});

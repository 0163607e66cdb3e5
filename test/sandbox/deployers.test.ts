import type { V1Namespace, V1Pod, V1Secret } from "@kubernetes/client-node";
import { execa } from "execa";
import { strict as assert } from "node:assert";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { DEPLOYER_RULES } from "../../components/platform/deployer-rules";
import { TenantCluster } from "../../tenants/cluster";
import { deployedIn, verify, worldOf, type Resource } from "../../verify";
import { printed, stackyard, until } from "../support/stackyard";
import { TrialStack, type Config } from "../support/trial-stack";

const SANDBOX = `deployers-${process.pid}`;
const OURS = ["--all-namespaces", "--selector=app.kubernetes.io/part-of=stackyard"];
const NAMESPACES = ["dotdo-dev", "fluxiondb-alice", "fluxiondb-bob", "plinko-dev", "starter-dev"];
const MIRROR = "mirror.example.com:5000";
const MIRRORS = Object.fromEntries(["docker.io", "ghcr.io", "quay.io"].map((registry) => [registry, `${MIRROR}/${registry}`]));
const PULL_SECRET = "registry-dev";
const EDGE = { namespace: "edge", name: "shared" };

const dockerConfig = (password: string) => JSON.stringify({ auths: { [MIRROR]: { username: "puller", password } } }, undefined, 2);

interface KubeConfig {
  readonly "current-context": string;
  readonly users: { user: Record<string, unknown> }[];
}

describe("who may deploy", function () {
  this.timeout("15m"); // the first run builds the programs
  let stack: TrialStack;
  const folder = mkdtempSync(join(tmpdir(), "stackyard-deployers-"));
  let kubeconfig: string;
  let secrets: unknown;

  before(async () => {
    stack = await TrialStack.on(SANDBOX, "dev", { policies: false });
    kubeconfig = as("jane", { ...administrator().users[0]?.user, as: "jane" });
    await setPassword("password-1");
  });
  after(async () => {
    stack?.close();
    rmSync(folder, { recursive: true });
    await stackyard(["sandbox", "reset", "--sandbox", SANDBOX]);
  });

  const administrator = () => parse(readFileSync(stack.env["KUBECONFIG"] ?? "", "utf8")) as KubeConfig;
  /** A kubeconfig of the sandbox for somebody else. */
  function as(name: string, user: Record<string, unknown>): string {
    const config = administrator();
    const file = join(folder, name);
    writeFileSync(file, stringify({ ...config, users: config.users.map((each) => ({ ...each, user })) }), { mode: 0o600 });
    return file;
  }

  /** As docs/configuration.md says: the value comes from standard input, so that it is in no list of processes. */
  async function setPassword(password: string): Promise<void> {
    const args = ["config", "set", "--secret", "--path", "stackyard:secrets.registry-pull-secret"];
    const { exitCode, all } = await execa("pulumi", args, { env: stack.env, input: dockerConfig(password), reject: false, all: true });
    assert.equal(exitCode, 0, all);
    const file = parse(readFileSync(stack.env["PULUMI_OPTION_CONFIG_FILE"] ?? "", "utf8")) as { config: Config };
    secrets = file.config["stackyard:secrets"];
  }

  /** All four systems, dotdo on a Gateway, with every image from the mirror. */
  const write = (change: (config: Config) => void = () => {}) =>
    stack.write((config) => {
      Object.assign(config["stackyard:cluster"] ?? {}, { kubeconfig });
      config["stackyard:secrets"] = secrets as Config[string];
      config["stackyard:registry"] = { mirrors: MIRRORS, pullSecret: "registry-pull-secret" };
      const { hosts } = config["stackyard:dotdo"]?.["ingress"] as { hosts: { host: string }[] };
      const tls = [{ secretName: "dotdo-tls", hosts: hosts.map(({ host }) => host) }];
      Object.assign(config["stackyard:dotdo"] ?? {}, { ingress: { hosts, gateway: EDGE, tls, clusterIssuer: "letsencrypt" } });
      change(config);
    });

  async function succeed(...args: string[]): Promise<string> {
    const { exitCode, all } = await stack.pulumi(...args);
    assert.equal(exitCode, 0, all);
    return all;
  }
  async function fail(...args: string[]): Promise<string> {
    const { exitCode, all } = await stack.pulumi(...args);
    assert.notEqual(exitCode, 0, all);
    return all;
  }
  const up = () => succeed("up", "--yes", "--skip-preview");
  const applied = (input: string) => execa("kubectl", ["apply", "--filename=-"], { env: stack.env, input });
  const give = async (...args: string[]) => {
    const run = await stackyard(["rbac", ...args]);
    assert.equal(run.exitCode, 0, printed(run));
    await applied(run.stdout as string);
  };
  const pods = () => stack.objects<V1Pod>("pods", ...OURS);
  const uidsOf = async () => (await pods()).map(({ metadata }) => metadata?.uid).sort();

  it("is said in kinds that the API server has", async () => {
    const served = (await stack.kubectl("api-resources", "--output=name")).split("\n");
    const named = DEPLOYER_RULES.flatMap(({ group, resources }) => resources.map((name) => (group === "" ? name : `${name}.${group}`)));
    assert.deepEqual(
      named.filter((name) => !name.includes("/") && !served.includes(name)),
      [],
    );
  });

  it("is refused, who lacks the role, before anything is planned, with the command that gives it", async () => {
    write();
    for (const args of [["preview"], ["up", "--yes", "--skip-preview"]]) {
      const said = await fail(...args);
      assert.match(said, /namespaces "kube-system" is forbidden: User "jane" cannot get resource "namespaces"[^]*Nothing was changed/);
      assert.match(said, /\$ npx stackyard rbac --user jane \| kubectl apply -f -/);
      assert.doesNotMatch(said, /kubernetes:|pulumi:providers:/);
    }
    const context = administrator()["current-context"];
    const run = await stackyard(["preview", "dev", "--cluster", context, "--yes"], { env: { KUBECONFIG: kubeconfig } });
    assert.match(
      printed(run),
      /could not be asked: namespaces "kube-system" is forbidden[^]*\n {2}npx stackyard rbac --user jane \| kubectl/,
    );
    assert.deepEqual(await stack.objects<V1Namespace>("namespaces", OURS[1] ?? ""), []);
  });

  it("sees in a preview the images that will run, once the role is given", async () => {
    await give("--user", "jane");
    const { steps } = JSON.parse((await stack.pulumi("preview", "--json")).stdout) as {
      steps: { newState?: { type: string; inputs?: unknown } }[];
    };
    const images = steps
      .filter(({ newState }) => newState?.type.startsWith("kubernetes:"))
      .flatMap(({ newState }) => [...JSON.stringify(newState?.inputs).matchAll(/"image":"([^"]+)"/g)].map(([, image = ""]) => image));
    assert.ok(images.length > 15, `${images.length} images`);
    assert.deepEqual(
      images.filter((image) => !image.startsWith(`${MIRROR}/`)),
      [],
    );
  });

  it("brings all four systems up with that role alone, and finds them unchanged", async () => {
    await up();
    await succeed("preview", "--expect-no-changes");
    const kinds = "httproutes,listenersets,certificates,backendtrafficpolicies";
    assert.ok((await stack.objects(kinds, "--namespace=dotdo-dev")).length >= 4);
  });

  it("finds with that role alone whether they are well, so that no release goes back because it could not be looked at", async () => {
    const { deployment } = JSON.parse(await succeed("stack", "export")) as { deployment: { resources: Resource[] } };
    const context = administrator()["current-context"];
    const world = await worldOf({ context, env: { KUBECONFIG: kubeconfig } }, deployedIn(deployment.resources));
    const results = await verify(world);
    assert.ok(results.length > 100, `${results.length} points`);
    assert.ok(results.some(({ object }) => object.kind === "HTTPRoute"));
    assert.deepEqual(
      results.filter(({ found }) => /could not be looked at|forbidden/.test(found)).map(({ check, found }) => `${check.id}: ${found}`),
      [],
    );
    const may = async (...what: string[]) => (await stack.kubectl("auth", "can-i", ...what, "--as=jane")).trim();
    // pods are played, which are not asked whether they answer, and there is no store
    for (const verb of ["get", "create"]) assert.equal(await may(verb, "pods", "--subresource=portforward"), "yes");
    for (const store of ["secretstores", "clustersecretstores"]) assert.equal(await may("get", `${store}.external-secrets.io`), "yes");
  });

  it("has all that FluxionDB as a service asks of the cluster; who lacks it is told so, and not that no volume can be snapshotted", async () => {
    await stack.kubectl("create", "serviceaccount", "worker", "--namespace=default");
    const token = (await stack.kubectl("create", "token", "worker", "--namespace=default")).trim();
    const context = administrator()["current-context"];
    const worker = await TenantCluster.reach({ context, env: { KUBECONFIG: as("worker", { token }) } });
    await assert.rejects(worker.snapshotLack(undefined), /volumesnapshotclasses[^]*is forbidden/);

    await give("--user", "jane", "--service-account", "default/worker");
    await until("the role holds", async () => (await worker.snapshotLack(undefined)) === undefined);
    assert.equal((await worker.look()).of("alice").claims.length, 1);
    await worker.takeSnapshot("alice", "backup-1", "fluxiondb", undefined);
    await until("the snapshot is taken", async () => (await worker.snapshotState("alice", "backup-1")).ready);
  });

  it("has every image of the mirror, and the pull secret in each namespace and each pod", async () => {
    const running = await pods();
    assert.deepEqual([...new Set(running.map(({ metadata }) => metadata?.namespace))].sort(), NAMESPACES);
    for (const { metadata, spec } of running) {
      const images = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])].map(({ image }) => image);
      for (const image of images) assert.ok(image?.startsWith(`${MIRROR}/`), `${metadata?.name} runs ${image}`);
      assert.deepEqual(spec?.imagePullSecrets, [{ name: PULL_SECRET }], metadata?.name);
    }
    const found = await stack.objects<V1Secret>("secrets", "--all-namespaces", `--field-selector=metadata.name=${PULL_SECRET}`);
    assert.deepEqual(found.map(({ metadata }) => metadata?.namespace).sort(), NAMESPACES);
    for (const { type, data } of found) {
      assert.equal(type, "kubernetes.io/dockerconfigjson");
      assert.equal(
        Buffer.from(data?.[".dockerconfigjson"] ?? "", "base64")
          .toString()
          .trim(),
        dockerConfig("password-1"),
      );
    }
  });

  it("keeps its password out of state and outputs", async () => {
    const state = await succeed("stack", "export");
    assert.ok(state.split(`"name": "${PULL_SECRET}"`).length > NAMESPACES.length, "the state does not know the Secrets");
    for (const text of [state, await succeed("stack", "output", "--json", "--show-secrets")]) {
      for (const form of [
        "password-1",
        Buffer.from("password-1").toString("base64"),
        Buffer.from(dockerConfig("password-1")).toString("base64"),
      ])
        assert.ok(!text.includes(form));
    }
  });

  it("changes the password, and neither a pod nor anything else", async () => {
    const before = await uidsOf();
    await setPassword("password-2");
    write();
    const said = await up();
    assert.match(said, /Resources:\n +\+-5 replaced\n +\d+ unchanged\n/);
    const now = await uidsOf(); // an autoscaler may have asked for more meanwhile
    assert.deepEqual(
      before.filter((uid) => !now.includes(uid)),
      [],
    );
    const [secret] = await stack.objects<V1Secret>("secrets", "--namespace=plinko-dev", `--field-selector=metadata.name=${PULL_SECRET}`);
    assert.match(Buffer.from(secret?.data?.[".dockerconfigjson"] ?? "", "base64").toString(), /password-2/);
  });

  it("previews only, with the role of a previewer: no Secret is read, and an up is refused at the first object", async () => {
    await stack.kubectl("create", "namespace", "ci");
    await stack.kubectl("create", "serviceaccount", "previewer", "--namespace=ci");
    await give("--role", "previewer", "--service-account", "ci/previewer");
    const token = (await stack.kubectl("create", "token", "previewer", "--namespace=ci")).trim();
    const deployer = kubeconfig;
    kubeconfig = as("previewer", { token });
    try {
      write((config) => Object.assign(config["stackyard:dotdo"] ?? {}, { image: { tag: "0.2.0" } }));
      const steps = (await stack.preview()).filter(({ name }) => name !== "cluster"); // the provider has another kubeconfig
      const image = "spec.template.spec.containers[0].image";
      assert.deepEqual(
        steps.map(({ name, changes }) => [name, changes[image]]),
        [["dotdo-pods", `${MIRROR}/ghcr.io/dot-do/dotdo:0.2.0`]],
      );
      const said = await fail("up", "--yes", "--skip-preview");
      assert.match(
        said,
        /deployments\.apps "dotdo" is forbidden: User "system:serviceaccount:ci:previewer" cannot patch resource "deployments"/,
      );
      const read = await execa("kubectl", ["get", "secrets", "--namespace=dotdo-dev", `--kubeconfig=${kubeconfig}`], {
        env: stack.env,
        reject: false,
      });
      assert.match(read.stderr, /cannot list resource "secrets"/);
    } finally {
      kubeconfig = deployer;
    }
  });

  it("goes on where another was refused, and takes all of it down again", async () => {
    write();
    await up(); // a destroy runs no program: it has the kubeconfig of the up before it
    await succeed("destroy", "--yes", "--skip-preview");
    assert.deepEqual(await stack.objects("deployments,statefulsets,services,secrets,jobs,httproutes", ...OURS), []);
  });

  it("deploys a system by its chart, too, and upgrades it with its hook", async () => {
    const byChart = (tag: string) =>
      stack.write((config) => {
        for (const layer of ["fluxiondb", "plinko", "starter"]) Reflect.deleteProperty(config, `stackyard:${layer}`);
        Object.assign(config["stackyard:cluster"] ?? {}, { kubeconfig });
        config["stackyard:layers"] = ["dotdo"];
        config["stackyard:dotdo"] = {
          chart: { path: "./test/fixtures/charts/dotdo", timeoutSeconds: 60 },
          namespace: { name: "dotdo-chart" },
          image: { tag },
          ingress: { hosts: [{ host: "dotdo.localhost" }] },
          prometheus: { enabled: false },
        };
      });
    for (const tag of ["0.1.0", "0.2.0"]) {
      byChart(tag);
      await up();
    }
    await succeed("destroy", "--yes", "--skip-preview");
    assert.deepEqual(await stack.objects("deployments", "--namespace=dotdo-chart"), []);
  });

  it("says of a cluster without snapshots that it has none", async () => {
    const context = administrator()["current-context"];
    const lack = async () => (await TenantCluster.reach({ context, env: stack.env })).snapshotLack(undefined);
    const crds = ["volumesnapshotclasses", "volumesnapshots", "volumesnapshotcontents"].map((name) => `${name}.snapshot.storage.k8s.io`);
    assert.equal(await lack(), undefined);
    for (const gone of [crds.slice(0, 1), crds.slice(1)]) {
      await stack.kubectl("delete", "crd", ...gone);
      await until("it says so", async () => /no default VolumeSnapshotClass/.test((await lack()) ?? ""));
    }
  });
});

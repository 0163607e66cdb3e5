import { KubeConfig, type KubernetesObject, KubernetesObjectApi } from "@kubernetes/client-node";
import { strict as assert } from "node:assert";
import { spawn } from "node:child_process";
import { appendFileSync, existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { CONTROL_PLANE, logs, reset, start, status, stop, type Cluster, type Component } from "../../sandbox/cluster";
import { sandboxDir } from "../../sandbox/paths";
import { ensure } from "../../sandbox/toolchain";

const NAME = "test-cluster";
const BESIDE = "test-cluster-b";
const dir = sandboxDir(NAME);

/** An object of any kind: its spec as it is written, and of its status what is asked for here. */
interface Anything extends KubernetesObject {
  spec?: { volumeName?: string; capacity?: { storage: string } } & Record<string, unknown>;
  status?: {
    phase?: string;
    availableReplicas?: number;
    unavailableReplicas?: number;
    readyReplicas?: number;
    succeeded?: number;
    readyToUse?: boolean;
    capacity?: { storage: string };
    allocatable?: { cpu: string; memory: string; pods: string };
    conditions?: { type: string }[];
    loadBalancer?: { ingress?: { ip: string }[] };
    addresses?: { value: string }[];
    containerStatuses?: {
      ready: boolean;
      restartCount: number;
      state: { waiting?: { reason: string } };
      lastState: { terminated?: { message: string } };
    }[];
  };
}
type Status = Required<Anything>["status"];

describe("sandbox/cluster", function () {
  this.timeout(60_000);
  let cluster: Cluster;
  let api: KubernetesObjectApi;

  const connect = () => {
    const config = new KubeConfig();
    config.loadFromFile(cluster.kubeconfig);
    api = KubernetesObjectApi.makeApiClient(config);
  };
  const make = (object: Anything) => api.create(object);
  const refused = (object: Anything) =>
    make(object).then(
      () => assert.fail(`${object.kind} was taken`),
      (error: { code: number; body: string }) => ({ code: error.code, message: (JSON.parse(error.body) as { message: string }).message }),
    );
  const read = ({ apiVersion, kind, metadata }: Anything) =>
    api.read<Anything>({ apiVersion, kind, metadata: { namespace: metadata?.namespace, name: metadata?.name ?? "" } });
  /** Reads an object until it is as it should be, and returns it. */
  async function becomes(object: Anything, so: (status: Status, object: Anything) => unknown, seconds = 20): Promise<Anything> {
    let now: Anything = {};
    for (const deadline = Date.now() + seconds * 1000; Date.now() < deadline; await setTimeout(100)) {
      now = await read(object);
      if (so(now.status ?? {}, now)) return now;
    }
    return assert.fail(`${object.kind} ${object.metadata?.name} stays ${JSON.stringify(now.status)}`);
  }
  const podOf = async (labels: string) => {
    const { items } = await api.list<Anything>("v1", "Pod", "default", undefined, undefined, undefined, undefined, labels);
    return items[0];
  };
  async function podBecomes(name: string, so: (status: Status) => unknown): Promise<Anything> {
    for (const deadline = Date.now() + 20_000; Date.now() < deadline; await setTimeout(100)) {
      const pod = await podOf(`app=${name}`);
      if (pod && so(pod.status ?? {})) return pod;
    }
    return assert.fail(`the pod of ${name} stays ${JSON.stringify((await podOf(`app=${name}`))?.status)}`);
  }

  before(async function () {
    this.timeout(0); // an empty cache: the programs are built
    await reset(NAME);
    const programs = await ensure(CONTROL_PLANE, () => {});
    cluster = await start({ name: NAME, programs });
    connect();
  });
  after(() => Promise.all([reset(NAME), reset(BESIDE)]));

  it("has nodes of a realistic size in three zones", async () => {
    const { items } = await api.list<Anything>("v1", "Node");
    assert.equal(items.length, 6);
    assert.equal(new Set(items.map(({ metadata }) => metadata?.labels?.["topology.kubernetes.io/zone"])).size, 3);
    for (const { status } of items)
      assert.deepEqual([status?.allocatable?.cpu, status?.allocatable?.memory, status?.allocatable?.pods], ["8", "32Gi", "110"]);
    assert.equal(cluster.context, `kwok-${NAME}`);
    assert.match(cluster.version, /^1\.\d+\.\d+$/);
  });

  it("brings up a Deployment, also one whose pods have init containers and native sidecars", async () => {
    const pods = {
      containers: [{ name: "c", image: "web:1" }],
      initContainers: [
        { name: "i", image: "i:1" },
        { name: "s", image: "s:1", restartPolicy: "Always" },
      ],
    };
    await becomes(await make(deployment("web", pods)), ({ availableReplicas }) => availableReplicas === 2);
  });

  it("binds the claim of a StatefulSet, and grows it", async () => {
    const set = await make({
      apiVersion: "apps/v1",
      kind: "StatefulSet",
      metadata: { name: "data", namespace: "default" },
      spec: {
        serviceName: "data",
        selector: { matchLabels: { app: "data" } },
        template: template("data", { containers: [{ name: "c", image: "data:1", volumeMounts: [{ name: "d", mountPath: "/d" }] }] }),
        volumeClaimTemplates: [
          { metadata: { name: "d" }, spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } } },
        ],
      },
    });
    await becomes(set, ({ readyReplicas }) => readyReplicas === 1);
    const claim = await read({ apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: { name: "d-data-0", namespace: "default" } });
    assert.equal(claim.status?.phase, "Bound");
    await api.patch({
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: claim.metadata,
      spec: { resources: { requests: { storage: "3Gi" } } },
    });
    await becomes(claim, ({ capacity }) => capacity?.storage === "3Gi");
    const volume = await read({ apiVersion: "v1", kind: "PersistentVolume", metadata: { name: claim.spec?.volumeName } });
    assert.equal(volume.spec?.capacity?.storage, "3Gi");
  });

  it("has a class for claims that several nodes write to", async () => {
    const spec = { storageClassName: "shared", accessModes: ["ReadWriteMany"], resources: { requests: { storage: "1Gi" } } };
    const claim = await make({ apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: { name: "shared", namespace: "default" }, spec });
    await becomes(claim, ({ phase }) => phase === "Bound");
  });

  it("completes a Job with an init container", async () => {
    const job = await make(jobOf("once", {}));
    await becomes(job, ({ succeeded, conditions }) => succeeded === 1 && conditions?.some(({ type }) => type === "Complete"));
  });

  for (const [what, object, address] of [
    [
      "a LoadBalancer Service",
      { apiVersion: "v1", kind: "Service", spec: { type: "LoadBalancer", ports: [{ port: 80 }] } },
      (status: Status) => status.loadBalancer?.ingress?.[0]?.ip,
    ],
    [
      "an Ingress",
      { apiVersion: "networking.k8s.io/v1", kind: "Ingress", spec: { defaultBackend: { service: { name: "lb", port: { number: 80 } } } } },
      (status: Status) => status.loadBalancer?.ingress?.[0]?.ip,
    ],
    [
      "a Gateway",
      {
        apiVersion: "gateway.networking.k8s.io/v1",
        kind: "Gateway",
        spec: { gatewayClassName: "any", listeners: [{ name: "http", port: 80, protocol: "HTTP" }] },
      },
      (status: Status) => status.addresses?.[0]?.value,
    ],
  ] as const) {
    it(`gives ${what} an address`, async () => {
      const made = await make({ ...object, metadata: { name: "lb", namespace: "default" } });
      const { status } = await becomes(made, address);
      assert.match(address(status ?? {}) ?? "", /^192\.0\.2\.\d+$/);
    });
  }

  it("makes a snapshot of a claim ready to use", async () => {
    const source = { persistentVolumeClaimName: "shared" };
    const snapshot = {
      apiVersion: "snapshot.storage.k8s.io/v1",
      kind: "VolumeSnapshot",
      metadata: { name: "s", namespace: "default" },
      spec: { source },
    };
    await becomes(await make(snapshot), ({ readyToUse }) => readyToUse === true);
  });

  it("knows the kinds of the operators, and refuses what their makers would", async () => {
    const metadata = { name: "o", namespace: "default" };
    const issuerRef = { name: "letsencrypt", kind: "ClusterIssuer" };
    await make({
      apiVersion: "cert-manager.io/v1",
      kind: "Certificate",
      metadata,
      spec: { secretName: "tls", dnsNames: ["a.example"], issuerRef },
    });
    const store = { secretStoreRef: { name: "vault", kind: "ClusterSecretStore" }, dataFrom: [{ extract: { key: "all" } }] };
    await make({ apiVersion: "external-secrets.io/v1", kind: "ExternalSecret", metadata, spec: store });
    await make({
      apiVersion: "monitoring.coreos.com/v1",
      kind: "PrometheusRule",
      metadata,
      spec: { groups: [{ name: "g", rules: [{ alert: "A", expr: "up == 0" }] }] },
    });
    await make({ apiVersion: "gateway.networking.k8s.io/v1", kind: "HTTPRoute", metadata, spec: { parentRefs: [{ name: "lb" }] } });

    const endpoints = {
      apiVersion: "monitoring.coreos.com/v1",
      kind: "ServiceMonitor",
      metadata,
      spec: { selector: {}, endpoints: "all" },
    };
    assert.deepEqual((await refused(endpoints)).code, 422);
    const two = {
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "HTTPRoute",
      metadata: { ...metadata, name: "two" },
      spec: { parentRefs: [{ name: "lb" }, { name: "lb" }] },
    };
    assert.match((await refused(two)).message, /sectionName/);
  });

  for (const [fault, so] of [
    [
      "fail",
      ({ phase, containerStatuses: [container] = [] }: Status) =>
        phase === "Pending" && container?.state.waiting?.reason === "ImagePullBackOff",
    ],
    [
      "crash",
      ({ containerStatuses: [container] = [] }: Status) =>
        container &&
        container.restartCount > 0 &&
        container.state.waiting?.reason === "CrashLoopBackOff" &&
        container.lastState.terminated?.message,
    ],
    ["hang", ({ phase, containerStatuses: [container] = [] }: Status) => phase === "Running" && container?.ready === false],
  ] as const) {
    it(`shows a rollout that comes to a ${fault}, as its annotation asks`, async () => {
      const made = await make(deployment(fault, { containers: [{ name: "c", image: "bad:1" }] }, { "stackyard.dev/sandbox-fault": fault }));
      await podBecomes(fault, so);
      await becomes(made, ({ unavailableReplicas }) => unavailableReplicas === 2);
      assert.ok(!(await read(made)).status?.availableReplicas);
      await api.delete(made);
      for (const deadline = Date.now() + 20_000; (await podOf(`app=${fault}`)) && Date.now() < deadline;) await setTimeout(100);
      assert.equal(await podOf(`app=${fault}`), undefined);
    });
  }

  it("fails a Job whose annotation asks for it", async () => {
    const job = await make(jobOf("bad", { "stackyard.dev/sandbox-fault": "fail" }));
    await becomes(job, ({ conditions }) => conditions?.some(({ type }) => type === "Failed"));
  });

  it("listens on loopback only", async () => {
    const { components } = await status(NAME);
    const addresses = components.flatMap(({ pid }) => listening(pid));
    assert.ok(addresses.length >= 6, `only ${addresses.length} sockets were found`);
    assert.deepEqual(
      addresses.filter((address) => address !== "0100007F"), // 127.0.0.1
      [],
    );
  });

  it("keeps all that it writes for its owner alone", () => {
    const open = files(dir).filter((file) => !lstatSync(file).isSymbolicLink() && lstatSync(file).mode & 0o077);
    assert.deepEqual(open, []);
    assert.ok(files(dir).some((file) => file.endsWith("admin.key")));
  });

  it("starts again what was killed, with the data that it had", async () => {
    for (const name of ["kube-apiserver", "etcd", "kwok-controller"]) process.kill(await pidOf(name), "SIGKILL");
    const mended = await start({ name: NAME });
    assert.deepEqual(mended, cluster);
    assert.equal((await read(deployment("web", {}))).status?.availableReplicas, 2);
    await becomes(
      await make(deployment("after", { containers: [{ name: "c", image: "web:1" }] })),
      ({ availableReplicas }) => availableReplicas === 2,
    );
    assert.ok((await status(NAME)).components.every(({ healthy }) => healthy));
  });

  it("takes no other process for a component, and kills none", async () => {
    const other = spawn("sleep", ["1000"]);
    const ended = new Promise((resolve) => other.once("exit", resolve));
    try {
      process.kill(await pidOf("kube-scheduler"), "SIGKILL");
      writeFileSync(join(dir, "kwok/.kwok/clusters", NAME, "pids/kube-scheduler.pid"), `${other.pid}`);
      assert.equal((await componentOf("kube-scheduler")).running, false);
      await start({ name: NAME });
      assert.equal((await componentOf("kube-scheduler")).healthy, true);
      assert.equal(other.exitCode ?? other.signalCode, null);
    } finally {
      other.kill();
      await ended;
    }
  });

  it("changes its nodes when it is started with other ones, and keeps them", async () => {
    await start({ name: NAME, nodes: { count: 2, cpu: "4" } });
    await start({ name: NAME });
    const { items } = await api.list<Anything>("v1", "Node");
    assert.deepEqual(
      items.map(({ status }) => status?.allocatable?.cpu),
      ["4", "4"],
    );
  });

  it("lets others run beside it, and two that start it at once share it", async () => {
    const [once, again] = await Promise.all([start({ name: BESIDE }), start({ name: BESIDE })]);
    assert.deepEqual(once, again);
    assert.notEqual(once.uid, cluster.uid);
    assert.notEqual(once.address, cluster.address);
    await reset(BESIDE);
    assert.ok((await status(NAME)).components.every(({ healthy }) => healthy));
  });

  it("writes the logs of one component, and names those that there are for another", async () => {
    const written: string[] = [];
    const out = { write: (text: string) => written.push(text) > 0 } as unknown as NodeJS.WritableStream;
    await logs(NAME, "etcd", out);
    assert.ok(written.some((line) => line.includes("etcd-version")));
    await assert.rejects(logs(NAME, "kubelet", out), /"kubelet".*kube-apiserver/);
  });

  it("leaves no process when it is stopped, and keeps its data", async () => {
    await stop(NAME);
    assert.deepEqual(processesOf(dir), []);
    assert.ok((await status(NAME)).components.every(({ running }) => !running));
    assert.deepEqual(await start({ name: NAME }), cluster);
    await read(deployment("web", {}));
  });

  it("is made anew, at its address and with its data, where it was made by another version of this code", async () => {
    appendFileSync(join(dir, "kwokctl.yaml"), "# as another version would write it\n");
    assert.deepEqual(await start({ name: NAME }), cluster);
    connect(); // it has other keys
    await read(deployment("web", {}));
  });

  it("says which component does not come up, and what it logged", async () => {
    await stop(NAME);
    rmSync(join(dir, "etcd"), { recursive: true });
    writeFileSync(join(dir, "etcd"), "no folder");
    await assert.rejects(
      start({ name: NAME }),
      /^Error: etcd of sandbox "test-cluster" ends as soon as it is started; it logged last:\n[^]*failed to list data directory/,
    );
  });

  it("leaves nothing when it is reset", async () => {
    await reset(NAME);
    assert.deepEqual(processesOf(dir), []);
    assert.ok(!existsSync(dir));
    assert.deepEqual(await status(NAME), { components: [] });
  });

  it("refuses a name that cannot be part of another", () => {
    for (const name of ["", "Dev", "../dev", "-dev", "dev-", "a".repeat(31)]) assert.throws(() => sandboxDir(name), RangeError);
  });

  const componentOf = async (name: string): Promise<Component> => {
    const found = (await status(NAME)).components.find((component) => component.name === name);
    return found ?? assert.fail(`there is no ${name}`);
  };
  const pidOf = async (name: string) => (await componentOf(name)).pid ?? assert.fail(`${name} does not run`);
});

const template = (app: string, spec: object, annotations = {}) => ({ metadata: { labels: { app }, annotations }, spec });

const deployment = (name: string, pods: object, annotations = {}): Anything => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name, namespace: "default" },
  spec: { replicas: 2, selector: { matchLabels: { app: name } }, template: template(name, pods, annotations) },
});

const jobOf = (name: string, annotations: object): Anything => ({
  apiVersion: "batch/v1",
  kind: "Job",
  metadata: { name, namespace: "default" },
  spec: {
    backoffLimit: 0,
    template: template(
      name,
      { restartPolicy: "Never", initContainers: [{ name: "i", image: "i:1" }], containers: [{ name: "c", image: "c:1" }] },
      annotations,
    ),
  },
});

const files = (folder: string): string[] => readdirSync(folder, { recursive: true, encoding: "utf8" }).map((file) => join(folder, file));

/** Ids of processes that have a path in their command line. */
const processesOf = (path: string): number[] =>
  readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(`${path}/`);
      } catch {
        return false;
      }
    })
    .map(Number);

/** Addresses, in the kernel's notation, on which a process accepts TCP connections. */
function listening(pid = 0): string[] {
  const sockets = readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
    } catch {
      return [];
    }
  });
  return ["tcp", "tcp6"].flatMap((protocol) =>
    readFileSync(`/proc/${pid}/net/${protocol}`, "utf8")
      .split("\n")
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state, , , , , , inode]) => state === "0A" && sockets.includes(inode ?? ""))
      .map(([, local = ""]) => local.split(":")[0] ?? ""),
  );
}

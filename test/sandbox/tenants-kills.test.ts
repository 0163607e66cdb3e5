import type { V1PersistentVolumeClaim, V1Pod, V1Secret } from "@kubernetes/client-node";
import { execa } from "execa";
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { MACHINES } from "../../tenants/machines";
import { OPERATION_KINDS, type OperationView, type OperationKind } from "../../tenants/schemas";
import { startPostgres, type Server } from "../support/postgres";
import { environmentOf, stackyard, until } from "../support/stackyard";
import type { Orders } from "../support/tenants-worker";

const { build } = require("../../runtime/build.cjs") as { build: (entry: string) => string };

const SANDBOX = `tenants-kills-${process.pid}`;
const KEYS = ["the-first-key-of-ann", "the-second-key-of-ann"];

describe("a worker of tenants that is killed", function () {
  this.timeout("40m"); // the first run builds the programs
  let server: Server, target: Orders["target"], file: string;

  before(async () => {
    const env = await environmentOf(SANDBOX);
    const { config } = parse(readFileSync(env["PULUMI_OPTION_CONFIG_FILE"] ?? "", "utf8")) as {
      config: Record<string, { context: string }>;
    };
    const dir = (env["PULUMI_CONFIG_PASSPHRASE_FILE"] ?? "").replace(/\/passphrase$/, "");
    target = { stack: "dev", context: config["stackyard:cluster"]?.context ?? "", env, sandbox: { dir } as never };
    server = await startPostgres();
    file = build("test/support/tenants-worker.ts");
  });
  after(async () => {
    await server?.stop();
    await stackyard(["sandbox", "reset", "--sandbox", SANDBOX]);
  });

  /** Starts a worker. Never rejects. */
  const start = (orders: Omit<Orders, "target">) =>
    execa("node", ["--require", "./runtime/lazy.cjs", file, JSON.stringify({ ...orders, target })], {
      env: { STACKYARD_TENANTS_DATABASE: server.url },
      reject: false,
      all: true,
    });
  const finish = async (orders: Omit<Orders, "target"> = {}) => {
    const { exitCode, all, stdout } = await start(orders);
    assert.equal(exitCode, 0, all);
    return JSON.parse(stdout) as OperationView;
  };
  const objects = async <T>(...args: string[]) =>
    (JSON.parse((await execa("kubectl", ["get", ...args, "--output=json"], { env: target.env })).stdout) as { items: T[] }).items;
  const at = (user: string) => ["--namespace", `fluxiondb-${user}`];
  /** What a query answers, as text: columns by `|`, rows by lines. */
  const psql = async (query: string) =>
    (await server.query(query))
      .map((row) =>
        Object.values(row)
          .map((value) => String(value))
          .join("|"),
      )
      .join("\n");

  const asks: Record<OperationKind, (backup: string) => NonNullable<Orders["ask"]>> = {
    provision: () => ({ method: "provision", args: [{ user: "ann", ram: "1Gi", apiKey: KEYS[0] }] }),
    resize: () => ({ method: "resize", args: ["ann", { ram: "2Gi" }] }),
    "rotate-key": () => ({ method: "rotateKey", args: ["ann", { apiKey: KEYS[1] }] }),
    suspend: () => ({ method: "suspend", args: ["ann"] }),
    resume: () => ({ method: "resume", args: ["ann"] }),
    backup: () => ({ method: "backup", args: ["ann"] }),
    restore: (backup) => ({ method: "restore", args: ["ann", { backup }] }),
    upgrade: () => ({ method: "upgrade", args: ["ann"] }),
    delete: () => ({ method: "delete", args: ["ann", { graceDays: 0 }] }),
    adopt: () => ({ method: "adopt", args: [{ user: "bea", ram: "1Gi", apiKey: KEYS[0] }] }),
  };

  it("asks in these tests for every operation that there is", () => {
    assert.deepEqual(Object.keys(asks).sort(), [...OPERATION_KINDS].sort());
  });

  for (const kind of Object.keys(asks) as OperationKind[]) {
    it(`at every step of ${kind}: it ends right, once, and nothing is lost`, async () => {
      if (kind === "adopt") await keptNamespace("bea");
      const backup = kind === "restore" ? await psql("select id from backups where state = 'ready' limit 1") : "";
      let ask: Orders["ask"] = asks[kind](backup);
      for (const { name: step } of MACHINES[kind]) {
        const { signal, all } = await start({ ...(ask && { ask }), die: { kind, step, at: "between" } });
        assert.equal(signal, "SIGKILL", all);
        ask = undefined;
      }
      await finish();
      const ended = await psql(`select state, count(*) from operations where kind = '${kind}' group by state`);
      assert.equal(ended, "succeeded|1");
      assert.equal(await psql(`select count(*) from audit where action = '${kind}' and outcome = 'succeeded'`), "1");
      assert.equal(await psql("select count(*) from shards where run is not null or unrecorded"), "0");
      await check[kind]?.();
    });
  }

  const podOf = async (user: string) => (await objects<V1Pod>("pods", ...at(user)))[0];
  const claimsOf = async (user: string) =>
    (await objects<V1PersistentVolumeClaim>("pvc", ...at(user))).map(
      ({ metadata, spec }) => `${metadata?.name?.slice(0, 9)} ${spec?.resources?.requests?.["storage"]}`,
    );
  const keysOf = async (user: string) =>
    (await objects<V1Secret>("secrets", ...at(user))).map(({ data }) => Buffer.from(data?.["secret-key"] ?? "", "base64").toString());

  const check: Partial<Record<OperationKind, () => Promise<void>>> = {
    provision: async () => {
      assert.deepEqual(
        [(await podOf("ann"))?.status?.phase, await claimsOf("ann"), await keysOf("ann")],
        ["Running", ["fluxiondb 2Gi"], [KEYS[0]]],
      );
    },
    resize: async () => {
      const memory = (await podOf("ann"))?.spec?.containers[0]?.resources?.limits?.["memory"];
      assert.deepEqual([memory, await claimsOf("ann")], ["2Gi", ["fluxiondb 4Gi"]]);
    },
    "rotate-key": async () => {
      assert.deepEqual(await keysOf("ann"), [KEYS[1]]);
      assert.equal(await psql("select string_agg(version::text, ',') from keys"), "2");
    },
    suspend: async () => assert.equal(await podOf("ann"), undefined),
    resume: async () => assert.equal((await podOf("ann"))?.status?.phase, "Running"),
    backup: async () => assert.equal((await objects("volumesnapshots", ...at("ann"))).length, 1),
    restore: async () => {
      const claim = (await podOf("ann"))?.spec?.volumes?.[0]?.persistentVolumeClaim?.claimName ?? "";
      assert.match(claim, /^fluxiondb-[0-9a-f]{8}$/);
      const claims = await objects<V1PersistentVolumeClaim>("pvc", ...at("ann"));
      assert.equal(claims.length, 2, "the claim that was replaced is kept");
      const { spec } = claims.find(({ metadata }) => metadata?.name === claim) ?? {};
      assert.equal(spec?.dataSource?.kind, "VolumeSnapshot");
    },
    upgrade: async () => assert.match((await podOf("ann"))?.spec?.containers[0]?.image ?? "", /:1\.0\.4$/),
    delete: async () => {
      assert.deepEqual(await objects("namespaces", "--field-selector=metadata.name=fluxiondb-ann"), []);
      assert.equal(await psql("select count(*) from keys"), "0");
    },
  };

  /** A namespace as a stack leaves one whose tenant is taken out: ours, with a claim, without a database. */
  async function keptNamespace(user: string): Promise<void> {
    const labels = { "app.kubernetes.io/part-of": "stackyard", "app.kubernetes.io/name": "fluxiondb", "app.kubernetes.io/instance": user };
    const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: `fluxiondb-${user}`, labels } };
    const metadata = { name: "fluxiondb", namespace: `fluxiondb-${user}`, labels, annotations: { "stackyard.dev/ram": "1Gi" } };
    const spec = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "2Gi" } } };
    const input = JSON.stringify({
      apiVersion: "v1",
      kind: "List",
      items: [namespace, { apiVersion: "v1", kind: "PersistentVolumeClaim", metadata, spec }],
    });
    await execa("kubectl", ["create", "--filename=-"], { input, env: target.env });
  }

  it("in the middle of an up: the next one takes over what was made, and makes nothing twice", async () => {
    const ask = { method: "provision", args: [{ user: "cleo", ram: "1Gi", apiKey: KEYS[0] }] };
    assert.equal((await start({ ask, die: { resources: 3 } })).signal, "SIGKILL");
    await finish();
    assert.deepEqual(
      [(await podOf("cleo"))?.status?.phase, await keysOf("cleo"), await claimsOf("cleo")],
      ["Running", [KEYS[0]], ["fluxiondb 2Gi"]],
    );
  });

  it("in the middle of an up that meets a field which somebody else has set: that tenant fails and says so, and keeps nobody from theirs", async () => {
    await finish({ ask: { method: "provision", args: [{ user: "dora", ram: "1Gi", apiKey: KEYS[0] }] } });
    await finish({ ask: { method: "resize", args: ["dora", { ram: "2Gi" }] } });
    await execa("kubectl", ["set", "image", "statefulset/fluxiondb", "*=registry.example.com/by-hand:1", ...at("dora")], {
      env: target.env,
    });
    const resize = { method: "resize", args: ["dora", { ram: "3Gi" }] };
    assert.equal((await start({ ask: resize, die: { resources: 1 } })).signal, "SIGKILL");

    await finish({ ask: { method: "provision", args: [{ user: "eve", ram: "1Gi", apiKey: KEYS[0] }] } });
    assert.equal((await podOf("eve"))?.status?.phase, "Running");
    const error = await psql("select state, error from operations where kind = 'resize' order by number desc limit 1");
    assert.match(error, /^failed\|.*conflict with "kubectl-set"/);
    assert.equal(await psql("select count(*) from shards where failure is not null or unrecorded"), "0");
  });

  it("in the middle of an up that the cluster refuses of one tenant: it keeps nobody from theirs, and what has grown stays wished until it can be", async () => {
    const frozen = {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingAdmissionPolicy",
      metadata: { name: "frozen" },
      spec: {
        matchConstraints: {
          resourceRules: [{ apiGroups: ["apps"], apiVersions: ["v1"], operations: ["UPDATE"], resources: ["statefulsets"] }],
        },
        validations: [{ expression: "object.metadata.namespace != 'fluxiondb-eve'", message: "it is frozen" }],
      },
    };
    const spec = { policyName: "frozen", validationActions: ["Deny"] };
    const items = [frozen, { ...frozen, kind: "ValidatingAdmissionPolicyBinding", spec }];
    await finish({ ask: { method: "resize", args: ["eve", { ram: "2Gi" }] } });
    await execa("kubectl", ["create", "--filename=-"], {
      env: target.env,
      input: JSON.stringify({ apiVersion: "v1", kind: "List", items }),
    });
    const label = ["label", "statefulset/fluxiondb", "touched=yes", "--dry-run=server", ...at("eve")];
    await until("it is frozen", async () =>
      (await execa("kubectl", label, { env: target.env, reject: false })).stderr.includes("it is frozen"),
    );
    const resize = { method: "resize", args: ["eve", { ram: "3Gi" }] };
    assert.equal((await start({ ask: resize, die: { resources: 1 } })).signal, "SIGKILL");

    const neighbour = await finish({ ask: { method: "rotateKey", args: ["cleo", { apiKey: KEYS[1] }] } });
    assert.deepEqual([neighbour.kind, await keysOf("cleo")], ["rotate-key", [KEYS[1]]]);
    const error = "select state, error from operations where kind = 'resize' order by number desc limit 1";
    assert.match(await psql(error), /^failed\|.*it is frozen.*its volume has grown, so that it stays wished/);
    assert.deepEqual(
      [await claimsOf("eve"), await psql("select count(*) from shards where failure is not null")],
      [["fluxiondb 6Gi"], "0"],
    );

    await execa("kubectl", ["delete", "validatingadmissionpolicybinding/frozen"], { env: target.env });
    await until("it is not frozen", async () => (await execa("kubectl", label, { env: target.env, reject: false })).exitCode === 0);
    await finish({ ask: { method: "resize", args: ["eve", { ram: "4Gi" }] } });
    assert.deepEqual(await claimsOf("eve"), ["fluxiondb 8Gi"]);
  });

  it("is proven dead before another one begins: while it is only cut off, no second up starts on its shard", async () => {
    const first = start({ ask: { method: "resize", args: ["cleo", { ram: "2Gi" }] }, die: { resources: 1 }, freeze: true });
    const held = () => psql("select pid from shards where run is not null and unrecorded");
    await until("the first worker is in its up", async () => (await held()) === `${first.pid}`);
    await until("it is frozen", async () => readFileSync(`/proc/${first.pid}/stat`, "utf8").split(" ")[2] === "T");
    const second = start({});
    let said = "";
    second.all?.on("data", (part: Buffer) => (said += part.toString()));
    await until("the second one has looked at the shard twice", async () => said.split("is held by process").length > 2);
    assert.equal(await held(), `${first.pid}`, "the shard was taken from a worker that is not dead");
    first.kill("SIGKILL");
    const { exitCode, all } = await second;
    assert.equal(exitCode, 0, all);
    assert.equal((await podOf("cleo"))?.spec?.containers[0]?.resources?.limits?.["memory"], "2Gi");
  });
});

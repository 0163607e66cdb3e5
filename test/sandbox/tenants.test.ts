import type { V1PersistentVolumeClaim, V1Pod } from "@kubernetes/client-node";
import { execa } from "execa";
import { strict as assert } from "node:assert";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { BackupView, OperationView, TenantView } from "../../tenants/schemas";
import { environmentOf, printed, stackyard, until } from "../support/stackyard";

const SANDBOX = `tenants-${process.pid}`;
const USER = "user123";
const KEYS = ["the-first-key-of-user123", "the-second-key-of-user123"] as const;

interface Answer {
  readonly operation: OperationView;
  readonly tenant?: TenantView;
}

describe("stackyard tenants", function () {
  this.timeout("20m"); // the first run builds the programs
  let env: Record<string, string>;

  before(async () => {
    env = await environmentOf(SANDBOX);
  });
  after(async () => {
    await stackyard(["sandbox", "reset", "--sandbox", SANDBOX]);
  });

  const run = (args: readonly string[], input?: string) =>
    stackyard(["tenants", ...args, "--sandbox", SANDBOX, "--json"], input === undefined ? {} : { stdin: "pipe", input });
  async function ask<T = Answer>(args: readonly string[], input?: string): Promise<T> {
    const result = await run(args, input);
    assert.equal(result.exitCode, 0, printed(result));
    for (const key of KEYS) assert.ok(!printed(result).includes(key), `${args[0]} shows a key`);
    return JSON.parse(result.stdout as string) as T;
  }
  const objects = async <T>(kind: string, ...args: string[]) => {
    const { stdout } = await execa("kubectl", ["get", kind, "--namespace", `fluxiondb-${USER}`, "--output=json", ...args], { env });
    return (JSON.parse(stdout) as { items: T[] }).items;
  };
  const podOf = async () => (await objects<V1Pod>("pods"))[0];
  const claimOf = async () => (await objects<V1PersistentVolumeClaim>("pvc"))[0];
  const memoryOf = async () => (await podOf())?.spec?.containers[0]?.resources?.limits?.["memory"];

  it("provision makes a database of twice the RAM, and waits until it is ready", async () => {
    const { operation, tenant } = await ask(["provision", USER, "--ram", "2Gi"], `${KEYS[0]}\n`);
    assert.deepEqual([operation.state, tenant?.state, tenant?.storage], ["succeeded", "ready", "4Gi"]);
    assert.deepEqual([(await claimOf())?.status?.capacity?.["storage"], await memoryOf()], ["4Gi", "2Gi"]);
  });

  it("resize grows it on the same volume; less is refused before anything runs", async () => {
    const { metadata, spec } = (await claimOf()) ?? {};
    const { tenant } = await ask(["resize", USER, "--ram", "4Gi"]);
    const now = await claimOf();
    assert.deepEqual([tenant?.storage, now?.status?.capacity?.["storage"], await memoryOf()], ["8Gi", "8Gi", "4Gi"]);
    assert.deepEqual([now?.metadata?.uid, now?.spec?.volumeName], [metadata?.uid, spec?.volumeName]);

    const before = (await podOf())?.metadata?.resourceVersion;
    const refused = await run(["resize", USER, "--ram", "1Gi"]);
    assert.equal(refused.exitCode, 1);
    assert.match(printed(refused), /ram: 1Gi is less than the 4Gi that it has/);
    assert.equal((await podOf())?.metadata?.resourceVersion, before);
    const { operations } = await ask<{ operations: OperationView[] }>(["show", USER]);
    assert.deepEqual(
      operations.map(({ kind }) => kind),
      ["resize", "provision"],
    );
  });

  it("suspend ends the pod and keeps the claim, and resume starts it again", async () => {
    const claim = (await claimOf())?.metadata?.uid;
    assert.equal((await ask(["suspend", USER])).tenant?.state, "suspended");
    assert.deepEqual([await podOf(), (await claimOf())?.metadata?.uid], [undefined, claim]);
    assert.deepEqual(
      (await ask<TenantView[]>(["list", "--state", "suspended"])).map(({ user }) => user),
      [USER],
    );
    assert.equal((await ask(["resume", USER])).tenant?.state, "ready");
    assert.equal((await podOf())?.status?.phase, "Running");
  });

  it("rotate-key restarts it with the new key, and no key is in any file of the service", async () => {
    const before = await podOf();
    await ask(["rotate-key", USER], KEYS[1]);
    assert.notEqual((await podOf())?.metadata?.uid, before?.metadata?.uid);
    const secrets = await objects<{ data: Record<string, string> }>("secrets");
    assert.deepEqual(
      secrets.map(({ data }) => Buffer.from(data["secret-key"] ?? "", "base64").toString()),
      [KEYS[1]],
    );
    const dir = (env["PULUMI_CONFIG_PASSPHRASE_FILE"] ?? "").replace(/\/passphrase$/, "");
    for (const folder of ["tenants", "state"]) {
      for (const entry of readdirSync(join(dir, folder), { recursive: true, withFileTypes: true })) {
        if (!entry.isFile()) continue;
        const bytes = readFileSync(join(entry.parentPath, entry.name));
        for (const key of KEYS) {
          assert.ok(!bytes.includes(key) && !bytes.includes(Buffer.from(key).toString("base64")), `${entry.name} has a key in clear`);
        }
      }
    }
  });

  it("backup takes a snapshot, and restore switches to a new volume made of it", async () => {
    const { operation } = await ask(["backup", USER]);
    const [backup] = await ask<BackupView[]>(["backups", USER]);
    assert.deepEqual([backup?.id, backup?.state], [operation.backup, "ready"]);
    const before = await claimOf();
    await ask(["restore", USER, "--backup", backup?.id ?? ""]);
    const name = (await podOf())?.spec?.volumes?.[0]?.persistentVolumeClaim?.claimName;
    const claim = (await objects<V1PersistentVolumeClaim>("pvc")).find(({ metadata }) => metadata?.name === name);
    assert.notEqual(claim?.metadata?.uid, before?.metadata?.uid);
    assert.deepEqual([claim?.spec?.dataSource?.name, claim?.spec?.resources?.requests?.["storage"]], [backup?.snapshot, "8Gi"]);
    // what was restored grows as what was made first
    await ask(["resize", USER, "--ram", "5Gi"]);
    const grown = (await objects<V1PersistentVolumeClaim>("pvc")).find(({ metadata }) => metadata?.name === name);
    assert.equal(grown?.status?.capacity?.["storage"], "10Gi");
  });

  it("reconcile --drift mends what somebody has changed or removed, and says what it was", async () => {
    await execa("kubectl", ["delete", "service", "fluxiondb", "--namespace", `fluxiondb-${USER}`], { env });
    await execa("kubectl", ["scale", "statefulset", "fluxiondb", "--replicas=0", "--namespace", `fluxiondb-${USER}`], { env });
    const ofQuota = ["resourcequota", "fluxiondb", "--namespace", `fluxiondb-${USER}`];
    await execa("kubectl", ["patch", ...ofQuota, "--type=merge", '--patch={"spec":{"hard":{"pods":"77"}}}'], { env });
    const said = printed(await run(["reconcile", "--drift"]));
    assert.match(said, /fluxiondb-user123-service was removed/);
    assert.match(said, /fluxiondb-user123-database was changed/);
    assert.match(said, /fluxiondb-user123-quota was changed/);
    // a field that somebody else has set is nobody else's afterwards
    assert.notEqual((await execa("kubectl", ["get", ...ofQuota, "--output=jsonpath={.spec.hard.pods}"], { env })).stdout, "77");
    assert.equal((await objects("services")).length, 1);
    await until("its pod is back", async () => (await podOf())?.status?.phase === "Running");
  });

  it("delete keeps the data for the grace days, in which resume takes it back; then all is gone", async () => {
    const { operation, tenant } = await ask(["delete", USER, "--grace-days", "3"]);
    assert.deepEqual([operation.state, operation.step, tenant?.state], ["running", "grace", "deleting"]);
    assert.deepEqual([await podOf(), (await ask<BackupView[]>(["backups", USER]))[0]?.kind], [undefined, "final"]);
    assert.equal((await ask(["resume", USER])).tenant?.state, "ready");

    await ask(["delete", USER, "--grace-days", "0"]);
    assert.deepEqual(await ask<TenantView[]>(["list"]), []);
    const { stdout } = await execa("kubectl", ["get", "namespaces", "--output=name"], { env });
    assert.ok(!stdout.includes(`fluxiondb-${USER}`), stdout);
    const shown = await run(["show", USER]);
    assert.deepEqual([shown.exitCode, /there is no tenant "user123"/.test(printed(shown))], [1, true]);
  });

  it("takes a key from no argument, and none that is too short, without showing it", async () => {
    assert.notEqual((await run(["provision", "other", "--ram", "1Gi", "--key", KEYS[0]])).exitCode, 0);
    const short = await run(["provision", "other", "--ram", "1Gi"], "too-short");
    assert.equal(short.exitCode, 1);
    assert.match(printed(short), /apiKey: cannot be used: use 16 to 256/);
    assert.ok(!printed(short).includes("too-short"));
  });
});

import type { KubernetesObject } from "@kubernetes/client-node";
import { execa } from "execa";
import { strict as assert } from "node:assert";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parse, stringify } from "yaml";
import { sessionOn, type Session } from "../../cli/commands/tenants/session";
import type { Target } from "../../cli/target";
import { Fleet } from "../../tenants/fleet";
import type { TenantView } from "../../tenants/schemas";
import { blocksOf, blockWith, type } from "../support/runbook";
import { environmentOf, printed, stackyard, until } from "../support/stackyard";

const SANDBOX = `tenants-fleet-${process.pid}`;
const USERS = ["ann", "ben", "cleo"];
const KEY = "a-key-of-a-whole-fleet";
/** Seconds after which a tenant that does not get ready is a bad one. */
const READY = 20;

describe("a fleet of tenants", function () {
  this.timeout("20m"); // the first run builds the programs
  const folder = mkdtempSync(join(tmpdir(), "stackyard-fleet-"));
  let env: Record<string, string>, dir: string, target: Target, session: Session | undefined;

  before(async () => {
    env = await environmentOf(SANDBOX);
    dir = (env["PULUMI_CONFIG_PASSPHRASE_FILE"] ?? "").replace(/\/passphrase$/, "");
    const { config } = parse(readFileSync(env["PULUMI_OPTION_CONFIG_FILE"] ?? "", "utf8")) as { config: Record<string, object> };
    const file = join(folder, "Pulumi.dev.yaml");
    const options = { defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "PLAIN" } as const;
    writeFileSync(
      file,
      stringify({ config: { ...config, "stackyard:tenants": { readySeconds: READY, shardSize: USERS.length } } }, options),
    );
    const { context } = config["stackyard:cluster"] as { context: string };
    target = {
      stack: "dev",
      context,
      env: { ...env, PULUMI_OPTION_CONFIG_FILE: file },
      sandbox: { dir } as never,
    };
    session = await sessionOn(target);
  });
  const closed = async () => {
    await session?.close();
    session = undefined;
  };
  afterEach(closed); // a command cannot open a registry that is open here
  after(async () => {
    await closed();
    await stackyard(["sandbox", "reset", "--sandbox", SANDBOX]);
    rmSync(folder, { recursive: true });
  });

  const imageOf = async (user: string) => {
    const path = "jsonpath={.spec.template.spec.containers[0].image}";
    const { stdout } = await execa("kubectl", ["get", "statefulset/fluxiondb", "--namespace", `fluxiondb-${user}`, "--output", path], {
      env,
    });
    return stdout.split(":").at(-1);
  };
  const faultOf = (user: string, fault: string | null) => {
    const patch = { spec: { template: { metadata: { annotations: { "stackyard.dev/sandbox-fault": fault } } } } };
    return execa(
      "kubectl",
      ["patch", "statefulset/fluxiondb", "--namespace", `fluxiondb-${user}`, "--type=merge", `--patch=${JSON.stringify(patch)}`],
      { env },
    );
  };

  it("is upgraded in waves, the first bad one being the last; asked for again it goes on, and not against a policy", async () => {
    assert.ok(session);
    const { tenants, caller, db, worker } = session;
    const hand = worker({ log: (line) => console.error(line) });
    const working = hand.run();
    const states = async () => (await tenants.list({}, caller)).items.map(({ state }) => state);
    const waves: string[][] = [];
    const upgrade = () =>
      new Fleet(db).upgrade(
        "1.0.4",
        1,
        caller,
        () => pause(100),
        ({ users }) => waves.push([...users]),
      );
    try {
      await Promise.all(USERS.map((user) => tenants.provision({ user, ram: "512Mi", apiKey: KEY }, caller)));
      await until("all are ready", async () => (await states()).join() === "ready,ready,ready", 300);
      await faultOf("ben", "crash");
      assert.equal(await upgrade(), false);
      assert.deepEqual(waves, [["ann"], ["ben"]]);
      assert.deepEqual([await imageOf("ann"), await imageOf("cleo")], ["1.0.4", "1.0.3"]);
      assert.deepEqual(
        (await tenants.operations("cleo", caller)).map(({ kind }) => kind),
        ["provision"],
      );
      const [{ error = "" } = {}] = await tenants.operations("ben", caller);
      assert.match(error, new RegExp(`not within ${READY} s: container fluxiondb: CrashLoopBackOff`));

      await faultOf("ben", null);
      assert.equal(await upgrade(), true);
      assert.deepEqual(waves.slice(2), [["cleo"]]);
      assert.deepEqual(await Promise.all(USERS.map(imageOf)), ["1.0.4", "1.0.4", "1.0.4"]);

      // one tenant's wish is refused by the policy pack: it keeps what it has, and its neighbour gets what it wished at the same time
      const [[refused], resized] = await Promise.all([
        new Fleet(db).ask(["cleo"], "latest", caller),
        tenants.resize("ann", { ram: "1Gi" }, caller),
      ]);
      const ended = async (id = "") => tenants.operation(id, caller);
      await until("both have ended", async () => [await ended(refused?.id), await ended(resized.id)].every(({ finishedAt }) => finishedAt));
      assert.match((await ended(refused?.id)).error ?? "", /image-pinned/);
      assert.deepEqual([await imageOf("cleo"), (await ended(resized.id)).state], ["1.0.4", "succeeded"]);
      await until("cleo is ready again", async () => (await tenants.show("cleo", caller)).state === "ready", 120);
      assert.equal((await tenants.show("cleo", caller)).image, "1.0.4");
    } finally {
      hand.stop();
      await working;
    }
  });

  const tenants = async (...args: string[]) => {
    const ended = await stackyard(["tenants", ...args, "--sandbox", SANDBOX]);
    assert.equal(ended.exitCode, 0, printed(ended));
    return ended.stdout as string;
  };
  const refused = async (says: RegExp, ...args: string[]) => {
    const ended = await stackyard(["tenants", ...args, "--sandbox", SANDBOX]);
    assert.notEqual(ended.exitCode, 0, printed(ended));
    assert.match(printed(ended), says);
  };
  const list = async () => JSON.parse(await tenants("list", "--json")) as TenantView[];

  it("is the same after its registry was exported, lost and imported", async () => {
    const before = await list();
    assert.deepEqual(
      before.map(({ user, image }) => `${user} ${image}`),
      USERS.map((user) => `${user} 1.0.4`),
    );
    const file = join(folder, "registry.jsonl");
    await tenants("export", file);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.ok(!readFileSync(file, "utf8").includes(KEY));
    await refused(/registry\.jsonl is there already[^]*tenants export registry-/, "export", file);
    await refused(/there is no folder .*none[^]*mkdir -p /, "export", join(folder, "none", "registry.jsonl"));
    renameSync(join(dir, "tenants", "dev", "registry"), join(folder, "lost"));
    assert.deepEqual(await list(), []);
    const cut = join(folder, "cut.jsonl");
    await refused(/cut\.jsonl, which cannot be read: ENOENT/, "import", cut);
    writeFileSync(cut, readFileSync(file, "utf8").split("\n").slice(0, 5).join("\n"));
    await refused(/cut off after 5 rows/, "import", cut);
    assert.deepEqual(await list(), []);
    await tenants("import", file);
    assert.deepEqual(await list(), before);
    // with another keyring it is read, and nothing else
    const none = join(folder, "none.json");
    const without = (...args: string[]) =>
      stackyard(["tenants", ...args, "--sandbox", SANDBOX], { env: { STACKYARD_TENANTS_KEYRING: none } });
    assert.equal((await without("list")).exitCode, 0);
    for (const asked of [["reconcile"], ["suspend", "cleo"], ["token", "create", "console"]]) {
      const ended = await without(...asked);
      assert.notEqual(ended.exitCode, 0, printed(ended));
      assert.match(printed(ended), /there is no keyring .*none\.json: the registry's secrets are sealed by "[^]*cp <keyring> /);
    }
    assert.ok(!existsSync(none));
    assert.deepEqual(await list(), before);
    // what was imported is worked on as before
    await tenants("suspend", "cleo");
    assert.equal((await list()).find(({ user }) => user === "cleo")?.state, "suspended");
  });

  it("is seen as it is, also a tenant that nothing is asked for: by a worker, and by who lists it", async () => {
    session = await sessionOn(target);
    const { tenants: service, caller, worker } = session;
    const ann = () => service.show("ann", caller);
    await faultOf("ann", "crash");
    const watching = worker();
    const watched = watching.run();
    try {
      await until("a worker has seen it", async () => /CrashLoopBackOff/.test((await ann()).reason ?? ""), 60);
    } finally {
      watching.stop();
      await watched;
    }
    await closed();
    await faultOf("ann", null);
    await until("ann is listed as ready", async () => (await list()).some(({ user, state }) => user === "ann" && state === "ready"), 60);
  });

  /** Has a process hold Pulumi's lock on the first shard's stack; says where that is written down. */
  const lock = (host: string, pid = 1) => {
    const folder = join(dir, "state", ".pulumi", "locks", "organization", "stackyard-tenants", "dev-0001");
    mkdirSync(folder, { recursive: true });
    const file = join(folder, "theirs.json");
    writeFileSync(file, JSON.stringify({ pid, username: "somebody", hostname: host, timestamp: new Date().toISOString() }));
    return file;
  };

  it("is mended shard by shard: one that is locked is named, and keeps no other from it", async () => {
    session = await sessionOn(target);
    const { tenants, caller, worker } = session;
    await tenants.provision({ user: "dora", ram: "512Mi", apiKey: KEY }, caller);
    const hand = worker({ log: (line) => console.error(line) });
    await hand.run(() => hand.idle());
    for (const user of ["ann", "dora"])
      await execa("kubectl", ["delete", "service/fluxiondb", "--namespace", `fluxiondb-${user}`], { env });
    const told: string[] = [];
    const mend = async () => {
      const mending = worker();
      try {
        return await mending.mend((line) => told.push(line));
      } finally {
        mending.stop();
        await mending.run(); // ends what its ups have shared
      }
    };
    const theirs = lock("elsewhere");
    assert.equal(await mend(), false);
    assert.match(
      told.join("\n"),
      /^shard 1 was not mended: .*dev-0001 is locked by process 1 of somebody on elsewhere .*\nfluxiondb-dora-service was removed$/,
    );
    // whoever has it may be at work: not taken by who comes for a second time, nor by an up
    assert.equal(await mend(), false);
    await tenants.resize("ben", { ram: "1Gi" }, caller);
    const { db } = session;
    const shard = () => db.selectFrom("shards").select(["failure", "failures"]).where("id", "=", 1).executeTakeFirstOrThrow();
    await worker().run(async () => (await shard()).failures > 1 || !existsSync(theirs));
    assert.match((await shard()).failure ?? "", /locked by process 1 of somebody on elsewhere/);
    assert.ok(existsSync(theirs));
    // one that is dead has it no more
    const ended = execa("true");
    await ended;
    lock(hostname(), ended.pid ?? 0);
    told.length = 0;
    assert.equal(await mend(), true);
    assert.deepEqual(told, ["fluxiondb-ann-service was removed"]);
  });

  /** All that tenants have, by what no other object can be: what was made anew is another one. */
  const live = async () => {
    const { stdout } = await execa("kubectl", ["get", "pvc,services,secrets", "--all-namespaces", "--output", "json"], { env });
    const { items } = JSON.parse(stdout) as { items: KubernetesObject[] };
    const ours = items.filter(({ metadata }) => metadata?.namespace?.startsWith("fluxiondb-"));
    return ours.map(({ kind, metadata }) => `${kind} ${metadata?.namespace} ${metadata?.uid}`).sort();
  };

  it("is not taken down by a registry that is lost: whom it does not know is named, and adopted where it is, with volume and key", async () => {
    const before = await list();
    const was = await live();
    renameSync(join(dir, "tenants", "dev", "registry"), join(folder, "lost-again"));
    // the next ones who come: a new user, and one who has a database
    for (const user of ["zoe", "ben"]) {
      const asked = ["tenants", "provision", user, "--ram", "512Mi", "--no-wait", "--sandbox", SANDBOX];
      const { exitCode } = await execa("node", ["cli/stackyard.mjs", ...asked], { input: KEY, reject: false });
      assert.equal(exitCode, 0, user);
    }
    const unknown = (...users: string[]) =>
      new RegExp(`shard 1 failed as a whole: .*the registry does not know.*: ${users.join(", ")}\\. `);
    await refused(unknown("ann", "ben", "cleo"), "reconcile");
    assert.deepEqual(await live(), was);

    const adopt = blockWith(blocksOf("../tenants", "A registry that was lost"), "adopt");
    const typed = async (user: string, ram: string) => {
      const commands = adopt.replaceAll("user123", user).replace("2Gi", ram).replace("npx stackyard", "node cli/stackyard.mjs");
      await type(`${commands.trimEnd()} --sandbox ${SANDBOX}`, env);
    };
    const ramOf = (user: string) => before.find((tenant) => tenant.user === user)?.ram ?? "";
    for (const user of ["ann", "ben"]) await typed(user, ramOf(user));
    await refused(unknown("cleo"), "reconcile");
    assert.deepEqual(await live(), was);
    for (const user of ["cleo", "dora"]) await typed(user, ramOf(user));
    await tenants("reconcile");

    const now = await list();
    const shown = (all: TenantView[]) => all.map(({ user, state, ram, shard }) => `${user} ${state} ${ram} ${shard}`);
    const others = shown(before).map((line) => line.replace("suspended", "ready"));
    assert.deepEqual(shown(now), [...others, "zoe ready 512Mi 1"]);
    const kept = await live();
    assert.deepEqual(
      was.filter((object) => !kept.includes(object)),
      [],
    );
  });

  it("is not taken for nobody's by a Pulumi state that is lost, or older than the cluster: what there is stays, and is worked on as before", async () => {
    const states = join(dir, "state", ".pulumi", "stacks", "stackyard-tenants");
    // a Secret has a name that is in the state alone, and is made anew
    const lasting = async () => (await live()).filter((object) => !object.startsWith("Secret "));
    const was = await lasting();
    // lost: the next wish finds it out
    await tenants("resize", "ann", "--ram", "2Gi"); // from then on the claim's class is among what was applied, and cannot be left out again
    rmSync(join(states, "dev-0001.json"));
    await tenants("resize", "ann", "--ram", "3Gi");
    assert.deepEqual(await lasting(), was);

    // one older than a tenant, and one lost: found out by who looks for drift
    const older = readFileSync(join(states, "dev-0001.json"));
    const provision = (user: string) =>
      stackyard(["tenants", "provision", user, "--ram", "512Mi", "--sandbox", SANDBOX], { stdin: "pipe", input: KEY });
    assert.equal((await provision("yves")).exitCode, 0);
    const all = await lasting();
    writeFileSync(join(states, "dev-0001.json"), older);
    rmSync(join(states, "dev-0002.json"));
    const reconciled = async (...more: string[]) =>
      printed(await stackyard(["tenants", "reconcile", "--drift", "--sandbox", SANDBOX, ...more]));
    const label = (change: string) =>
      execa("kubectl", ["label", "service/fluxiondb", "--namespace=fluxiondb-yves", `app.kubernetes.io/part-of${change}`], { env });
    await label("-"); // for nobody can tell now whose it is
    const first = await reconciled();
    assert.match(first, /^error: shard 1 failed as a whole: .*Service fluxiondb-yves\/fluxiondb, which is somebody else's$/m);
    await label("=stackyard");
    const second = await reconciled();
    lock("elsewhere");
    const third = await reconciled("--free-host", "elsewhere");
    assert.deepEqual(
      [...first.matchAll(/^ *(.* was not in the state of stack .*)$/gm)].map(([, line]) => line),
      ["yves was not in the state of stack dev-0001", "dora was not in the state of stack dev-0002"],
    );
    for (const said of [second, third]) assert.match(said, /^6 ready$/m);
    assert.doesNotMatch(third, / was | had failed/);
    assert.deepEqual(await lasting(), all);
    for (const { user } of await list()) {
      const { stdout } = await execa("kubectl", ["get", "secrets", "--namespace", `fluxiondb-${user}`, "--output", "json"], { env });
      const { items } = JSON.parse(stdout) as { items: { data: Record<string, string> }[] };
      assert.deepEqual(
        items.flatMap(({ data }) => Object.values(data)).map((value) => Buffer.from(value, "base64").toString()),
        [KEY],
        user,
      );
    }
  });

  /** What Velero makes of a tenant's namespace and claim under another name, once steps 1 to 3 of the runbook are taken. */
  const restored = async (user: string, to: string) => {
    for (const object of [`namespace/fluxiondb-${user}`, "pvc/fluxiondb"]) {
      const { stdout } = await execa("kubectl", ["get", object, "--namespace", `fluxiondb-${user}`, "--output", "json"], { env });
      const { apiVersion, kind, metadata, spec } = JSON.parse(stdout) as Restored;
      const labels = { ...metadata.labels, "app.kubernetes.io/instance": to };
      const place = kind === "Namespace" ? { name: `fluxiondb-${to}` } : { name: metadata.name, namespace: `fluxiondb-${to}` };
      const { accessModes, resources } = spec;
      const input = {
        apiVersion,
        kind,
        metadata: { ...place, labels, annotations: metadata.annotations },
        spec: { accessModes, resources },
      };
      await execa("kubectl", ["create", "--filename", "-"], { env, input: JSON.stringify(input) });
    }
    const { stdout } = await execa(
      "kubectl",
      ["get", "pvc/fluxiondb", `--namespace=fluxiondb-${to}`, "--output=jsonpath={.metadata.uid}"],
      { env },
    );
    return stdout;
  };

  it("is adopted from what Velero restored; one whose namespace cannot be applied is told why, and holds nobody up", async () => {
    const { ram } = (await list()).find(({ user }) => user === "ben") ?? { ram: "" };
    const claims = [await restored("ben", "ben-again"), await restored("ben", "ben-once-more")];
    const keyed = (...args: string[]) => stackyard(["tenants", ...args, "--sandbox", SANDBOX], { stdin: "pipe", input: KEY });
    const adopted = await keyed("adopt", "ben-again", "--ram", ram);
    assert.notEqual(adopted.exitCode, 0, printed(adopted));
    assert.match(printed(adopted), /conflict[^]*stackyard\.dev\/tenant/);
    const next = `npx stackyard tenants reconcile --drift --sandbox ${SANDBOX}`;
    assert.match(printed(adopted), new RegExp(`\n  ${next}   # once that is mended`));
    const asked = await keyed("adopt", "ben-again", "--ram", ram);
    assert.match(printed(asked), new RegExp(`"ben-again" already, whose up has failed[^]*\n  ${next}`));
    assert.equal((await keyed("provision", "xena", "--ram", "512Mi")).exitCode, 0);
    const mended = await stackyard(["tenants", "reconcile", "--drift", "--sandbox", SANDBOX]);
    assert.match(printed(mended), /ben-again had failed, and is tried again/);

    const block = blockWith(blocksOf("../tenants", "Data that Velero restored"), "adopt").replace(
      "npx stackyard",
      "node cli/stackyard.mjs",
    );
    const key = join(folder, "key");
    writeFileSync(key, KEY);
    const command = block.trimEnd().replace("--key-file key", `--key-file ${key}`);
    await type(`new=ben-once-more; ram=${ram}\n${command} --sandbox ${SANDBOX}`, env);
    const states = async () => (await list()).map(({ state }) => state);
    await until("all are ready", async () => (await states()).every((state) => state === "ready"), 120);
    const now = (await live()).join();
    for (const uid of claims) assert.ok(now.includes(uid), uid);
  });
});

interface Restored extends KubernetesObject {
  readonly metadata: NonNullable<KubernetesObject["metadata"]>;
  readonly spec: Readonly<Record<string, unknown>>;
}

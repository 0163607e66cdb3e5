import { strict as assert } from "node:assert";
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { sql } from "kysely";
import { Tenants } from "../../tenants";
import { TenantError, type Code } from "../../tenants/errors";
import { Keyring } from "../../tenants/keyring";
import { bind } from "../../tenants/registry/binding";
import { fill, linesOf, ORDER } from "../../tenants/registry/copy";
import { openDatabase, type Database, type Location } from "../../tenants/registry/database";
import { failedShards, retryNow } from "../../tenants/shard/lease";
import { startPostgres, type Server } from "../support/postgres";
import { service } from "../unit/tenants/given";

const KEY = "a-key-of-nobody-else";
const OTHER = "another-key-of-nobody";
const operator = { name: "operator" };
const refused =
  (code: Code, message = /./) =>
  (error: unknown) =>
    error instanceof TenantError && error.code === code && message.test(error.message);

for (const kind of ["embedded", "server"] as const) {
  describe(`the registry of tenants, ${kind === "embedded" ? "in this process" : "on a Postgres server"}`, function () {
    this.timeout("2m"); // the first start makes the database's files
    let folder: string, location: Location, server: Server | undefined, db: Database, keyring: Keyring, tenants: Tenants;
    const settings = { shardSize: 3, limits: { tenants: 40, ram: "8Gi", totalRam: "100Gi" } };

    before(async () => {
      folder = mkdtempSync(join(tmpdir(), "stackyard-"));
      server = kind === "server" ? await startPostgres() : undefined;
      location = server === undefined ? { folder: join(folder, "registry") } : { url: server.url };
      db = await openDatabase(location);
      keyring = Keyring.open(join(folder, "keyring.json"));
      tenants = new Tenants(db, keyring, service(settings));
    });
    after(async () => {
      await db?.destroy();
      await server?.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    const provision = (user: string, more: object = {}, caller: object = {}) =>
      tenants.provision({ user, ram: "1Gi", apiKey: KEY, ...more }, { ...operator, ...caller });
    const outcomes = async (user: string) =>
      (await db.selectFrom("audit").select(["action", "outcome", "caller"]).where("user_id", "=", user).orderBy("number").execute()).map(
        ({ action, outcome, caller }) => `${caller} ${action} ${outcome}`,
      );

    it("writes rows and nothing else: an operation that waits, and a tenant that is not there yet", async () => {
      const operation = await provision("ann");
      assert.deepEqual([operation.state, operation.kind, operation.steps], ["queued", "provision", ["reach", "ready"]]);
      const { state, storage, namespace, url, shard } = await tenants.show("ann", operator);
      assert.deepEqual(
        [state, storage, namespace, url, shard],
        ["provisioning", "2Gi", "fluxiondb-ann", "ws://fluxiondb.fluxiondb-ann.svc:8080", 1],
      );
    });

    it("takes the same request twice for one operation, also while the first is not answered yet", async () => {
      const caller = { idempotencyKey: "one" };
      const same = await Promise.all(Array.from({ length: 10 }, () => provision("ben", {}, caller)));
      assert.equal(new Set(same.map(({ id }) => id)).size, 1);
      assert.equal((await provision("ben")).id, same[0]?.id, "without a key, while it is not finished");
      await assert.rejects(provision("ben", { apiKey: OTHER }, caller), refused("reused-key"));
      await assert.rejects(provision("ben", { ram: "2Gi" }), refused("conflict", /already/));
      const resizes = await Promise.all([1, 2, 3].map(() => tenants.resize("ben", { ram: "2Gi" }, operator)));
      assert.equal(new Set(resizes.map(({ id }) => id)).size, 1);
    });

    it("refuses less RAM, by what the tenant will have once all that was asked for is done", async () => {
      await assert.rejects(tenants.resize("ben", { ram: "1Gi" }, operator), refused("conflict", /1Gi is less than the 2Gi/));
      await assert.rejects(tenants.resize("ben", { ram: "16Gi" }, operator), refused("quota", /limits\.ram/));
    });

    it("refuses what no tenant can be, says what is wrong, and never shows a key", async () => {
      const short = "short-key";
      await assert.rejects(provision("Not_A_User", { apiKey: short }), (error: unknown) => {
        assert.ok(error instanceof TenantError);
        assert.deepEqual(
          error.details.wrong?.map(({ path }) => path),
          ["user", "apiKey"],
        );
        return error.code === "invalid" && !error.message.includes(short);
      });
      await assert.rejects(provision("carl", { secret: KEY }), refused("invalid", /secret: is not known/));
      await assert.rejects(provision("alice"), refused("conflict", /environment's own stack/));
    });

    it("shows a tenant's caller that tenant alone, and writes down who looked for another", async () => {
      const { id } = await tenants.show("ann", operator);
      const caller = { name: "token-of-ann", tenant: { id, user: "ann" } };
      assert.equal((await tenants.show("ann", caller)).user, "ann");
      assert.deepEqual(
        (await tenants.list({}, caller)).items.map(({ user }) => user),
        ["ann"],
      );
      const [operation] = await tenants.operations("ben", operator);
      for (const look of [
        () => tenants.show("ben", caller),
        () => tenants.backups("ben", caller),
        () => tenants.suspend("ben", caller),
        () => tenants.operation(operation?.id ?? "", caller),
        () => tenants.show("nobody", caller),
      ]) {
        await assert.rejects(look(), refused("not-found"));
      }
      const seen = (await outcomes("ben")).filter((line) => line.startsWith("token-of-ann"));
      assert.deepEqual(seen.sort(), [
        "token-of-ann backups refused",
        "token-of-ann operation refused",
        "token-of-ann show refused",
        "token-of-ann suspend refused",
      ]);
    });

    it("fills shards to their size and no further, and keeps to its limits, whatever comes at once", async () => {
      const asked = await Promise.allSettled(Array.from({ length: 50 }, (_, i) => provision(`many-${i}`)));
      const failed = asked.filter(({ status }) => status === "rejected");
      const { items } = await tenants.list({ limit: 1000 }, operator);
      assert.deepEqual([items.length, failed.length], [40, 12]);
      const sizes = new Map<number, number>();
      for (const { shard } of items) sizes.set(shard, (sizes.get(shard) ?? 0) + 1);
      assert.deepEqual([...sizes.values()].sort(), [1, ...Array.from({ length: 13 }, () => 3)]);
      for (const { reason } of failed as PromiseRejectedResult[]) assert.ok(refused("quota")(reason), String(reason));
    });

    it("lists in pages", async () => {
      const users: string[] = [];
      for (let after: string | undefined; ;) {
        const page = await tenants.list({ limit: 7, ...(after !== undefined && { after }) }, operator);
        users.push(...page.items.map(({ user }) => user));
        if (page.next === undefined) break;
        after = page.next;
      }
      assert.equal(users.length, 40);
      assert.deepEqual(users, [...new Set(users)].sort());
    });

    it("has no key in clear, in any table", async () => {
      await tenants.rotateKey("ann", { apiKey: OTHER }, operator);
      const { rows } = await sql<{
        name: string;
      }>`select table_name as name from information_schema.tables where table_schema = 'public'`.execute(db);
      assert.ok(rows.some(({ name }) => name === "keys"));
      for (const { name } of rows) {
        const all = JSON.stringify((await sql`select * from ${sql.table(name)}`.execute(db)).rows);
        for (const key of [KEY, OTHER]) {
          assert.ok(!all.includes(key) && !all.includes(Buffer.from(key).toString("base64").replace(/=*$/, "")), `table ${name} has a key`);
        }
      }
    });

    it("adopts in the place of one whom no up has reached, and of nobody else", async () => {
      const tenant = (user: string) => db.selectFrom("tenants").selectAll().where("user_id", "=", user).orderBy("created_at").execute();
      const roomy = new Tenants(db, keyring, service({ ...settings, limits: { ...settings.limits, tenants: 41 } }));
      const adopt = (user: string, ram = "2Gi") => roomy.adopt({ user, ram, apiKey: OTHER }, operator);
      const first = await roomy.provision({ user: "adopted", ram: "1Gi", apiKey: KEY }, operator);
      const second = await adopt("adopted");
      const [was, is] = await tenant("adopted");
      assert.ok(was?.purged_at && is?.purged_at === null && is.wanted.adopted);
      assert.deepEqual([second.kind, second.steps[0], is.wanted.ram], ["adopt", "place", "2Gi"]);
      const ended = await db.selectFrom("operations").selectAll().where("id", "=", first.id).executeTakeFirstOrThrow();
      assert.equal(ended.state, "cancelled");
      assert.deepEqual(await outcomes("adopted"), [
        "operator provision accepted",
        "operator provision cancelled",
        "operator adopt accepted",
      ]);
      assert.equal((await adopt("adopted")).id, second.id);
      await db
        .updateTable("tenants")
        .set({ reached: JSON.stringify(is.wanted) })
        .where("id", "=", is.id)
        .execute();
      await assert.rejects(adopt("adopted", "4Gi"), refused("conflict", /there is a tenant/));
    });

    it("has a shard that failed tried again at once, and forgets why: one with nothing left to do would have failed for ever", async () => {
      const postponed = { failure: "it is locked", failures: 3, retry_at: new Date(Date.now() + 60_000) };
      await db.updateTable("shards").set(postponed).where("id", "=", 1).execute();
      assert.deepEqual(await failedShards(db), [{ id: 1, failure: "it is locked" }]);
      await retryNow(db);
      assert.deepEqual(await failedShards(db), []);
      const { retry_at, failures } = await db.selectFrom("shards").selectAll().where("id", "=", 1).executeTakeFirstOrThrow();
      assert.deepEqual([retry_at, failures], [null, 0]);
    });

    it("has an audit that nobody changes", async () => {
      for (const change of [sql`update audit set caller = 'x'`, sql`delete from audit`, sql`truncate audit`]) {
        await assert.rejects(change.execute(db), /the audit is append-only/);
      }
      assert.deepEqual((await outcomes("ann")).slice(0, 1), ["operator provision accepted"]);
    });

    it("is the same once it was exported and imported, is numbered on from there, and has every table", async () => {
      const token = { id: "t", name: "of-a-test", mark: "m", scopes: ["read", "write"], tenant_id: null, expires_at: new Date() };
      await db.insertInto("tokens").values(token).execute();
      const lines: string[] = [];
      for await (const line of linesOf(db)) lines.push(line);
      const copy = await openDatabase({ folder: join(folder, "copy") });
      try {
        const { rows: tables } = await sql<{ name: string }>`
          select table_name as name from information_schema.tables where table_schema = 'public' and table_name not like 'kysely%'`.execute(
          copy,
        );
        for (const [cut, says] of [
          [lines.slice(0, -1), /cut off after \d+ rows: it has no last line/],
          [lines.toSpliced(-2, 1), /cut off after \d+ rows: it had \d+ rows/],
        ] as const) {
          await assert.rejects(fill(copy, Readable.from(cut)), refused("invalid", says));
          assert.deepEqual((await new Tenants(copy, keyring, service(settings)).list({}, operator)).items, []);
        }
        assert.equal(await fill(copy, Readable.from(lines)), lines.length - 1);
        const again: string[] = [];
        for await (const line of linesOf(copy)) again.push(line);
        const told = (all: string[]) => all.filter((line) => !line.startsWith('{"table":"shards"')).sort();
        assert.deepEqual(told(again), told(lines));
        assert.deepEqual(tables.map(({ name }) => name).sort(), [...ORDER].sort());

        const other = new Tenants(copy, keyring, service(settings));
        assert.deepEqual((await other.list({ limit: 1000 }, operator)).items, (await tenants.list({ limit: 1000 }, operator)).items);
        assert.equal((await other.suspend("ben", operator)).state, "queued");
        await assert.rejects(fill(copy, Readable.from(lines)), refused("conflict", /into an empty one/));
      } finally {
        await copy.destroy();
      }
    });

    it("is bound to its cluster", async () => {
      await bind(db, { cluster: "one", environment: "dev" });
      await bind(db, { cluster: "one", environment: "dev" });
      await assert.rejects(bind(db, { cluster: "other", environment: "dev" }), refused("conflict", /on the cluster with uid one/));
    });

    it("is imported for the cluster that it was exported from, and no other", async () => {
      await bind(db, { cluster: "one", environment: "dev" });
      const lines: string[] = [];
      for await (const line of linesOf(db)) lines.push(line);
      for (const cluster of ["other", "one"]) {
        const copy = await openDatabase({ folder: join(folder, `copy-${cluster}`) });
        try {
          await bind(copy, { cluster, environment: "dev" });
          const filled = fill(copy, Readable.from(lines));
          if (cluster === "other") await assert.rejects(filled, refused("conflict", /on the cluster with uid one, not of "dev" on other/));
          else assert.equal(await filled, lines.length - 1);
          assert.deepEqual(await copy.selectFrom("binding").selectAll().execute(), [{ cluster, environment: "dev" }]);
        } finally {
          await copy.destroy();
        }
      }
    });

    it(
      kind === "embedded" ? "is open in one process, whose files are its owner's alone" : "is open to many, and outlives a restart",
      async () => {
        if (server !== undefined) {
          const other = await openDatabase(location);
          await server.restart();
          for (const each of [db, other]) {
            // a connection of the pool may be one that the restart has ended, which the first query on it tells
            const shown = () => new Tenants(each, keyring, service(settings)).show("ann", operator);
            assert.equal((await shown().catch(shown)).user, "ann");
          }
          await other.destroy();
          return;
        }
        const own = join(folder, "registry");
        assert.equal(statSync(own).mode & 0o777, 0o700);
        await assert.rejects(openDatabase(location), refused("unavailable", new RegExp(`open in process ${process.pid}`)));
        await db.destroy();
        assert.ok(!existsSync(`${own}.owner`));
        writeFileSync(`${own}.owner`, JSON.stringify({ pid: process.pid, mark: "of a process that died", command: "" }));
        db = await openDatabase(location);
        tenants = new Tenants(db, keyring, service(settings));
        assert.equal((await tenants.show("ann", operator)).user, "ann");
      },
    );
  });
}

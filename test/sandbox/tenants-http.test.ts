import { strict as assert } from "node:assert";
import { EventEmitter, once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { openDatabase } from "../../tenants/registry/database";
import { isUnavailable } from "../../tenants/registry/unavailable";
import type { OperationView, TenantView } from "../../tenants/schemas";
import { Load } from "../support/load";
import { startPostgres, type Server } from "../support/postgres";
import { Served } from "../support/served";
import { printed, stackyard, until } from "../support/stackyard";

const KEY = "a-key-that-nobody-may-see";
const RATE = 20;
/** Requests that are answered before and after each restart. */
const BETWEEN = 120;
const USERS = ["load-a", "load-b", "load-c", "load-d"];

describe("stackyard tenants serve", function () {
  this.timeout(900_000);
  const sandbox = `tenants-http-${process.pid}`;
  const folder = mkdtempSync(join(tmpdir(), "stackyard-http-"));
  const commands: Served[] = [];
  let postgres: Server | undefined;
  let load: Load | undefined;

  const tenants = async (args: string[], env: Record<string, string> = {}) => {
    const ended = await stackyard(["tenants", ...args, "--sandbox", sandbox], { env });
    assert.equal(ended.exitCode, 0, printed(ended));
    return ended.stdout as string;
  };
  const started = async (args: string[], env: Record<string, string>) => {
    const served = new Served(["tenants", ...args, "--sandbox", sandbox], join(folder, `${commands.length}.log`), env);
    commands.push(served);
    return served;
  };

  after(async () => {
    load?.stop();
    for (const served of commands) await served.end("SIGTERM");
    await postgres?.stop();
    await stackyard(["sandbox", "reset", "--sandbox", sandbox]);
    rmSync(folder, { recursive: true });
  });

  it("serves and works in one command, with a registry of its own", async () => {
    const token = await tenants(["token", "create", "operator"]);
    const authorization = `Bearer ${token}`;
    const served = await started(["serve", "--port", "0"], {});
    const url = await served.url();
    const body = JSON.stringify({ user: "hedda", ram: "1Gi", apiKey: KEY });
    const headers = { authorization, "content-type": "application/json" };
    const taken = await fetch(`${url}/v1/tenants`, { method: "POST", headers, body });
    assert.equal(taken.status, 202);
    const events = await fetch(`${url}${taken.headers.get("location")}/events`, { headers: { authorization } });
    const states = (await events.text()).match(/(?<="state":")\w+/g) ?? [];
    assert.deepEqual([...new Set(states)].at(-1), "succeeded", states.join());
    const tenant = (await (await fetch(`${url}/v1/tenants/hedda`, { headers: { authorization } })).json()) as TenantView;
    assert.equal(`${tenant.state} ${tenant.storage}`, "ready 2Gi");
    assert.equal(await served.end("SIGTERM"), 0);
    const log = readFileSync(served.log, "utf8");
    for (const secret of [KEY, token]) assert.ok(!log.includes(secret), log);
    await tenants(["delete", "hedda", "--grace-days", "0"]); // the registry of the load would not know it
  });

  it("outlives a restart of Postgres in the middle of a transaction and of a query", async () => {
    const server = await startPostgres();
    try {
      const db = await openDatabase({ url: server.url });
      const signals = new EventEmitter();
      const [begun, restarted] = [once(signals, "begun"), once(signals, "restarted")];
      const transaction = db.transaction().execute(async (within) => {
        await sql`select 1`.execute(within);
        signals.emit("begun");
        await restarted;
        await sql`select 1`.execute(within);
      });
      const query = sql`select pg_sleep(60)`.execute(db);
      const ended = Promise.allSettled([transaction, query]);
      await begun;
      await server.restart();
      signals.emit("restarted");
      for (const { status, ...how } of await ended)
        assert.ok(status === "rejected" && isUnavailable((how as PromiseRejectedResult).reason), status);
      assert.equal((await sql<{ one: number }>`select 1 as one`.execute(db)).rows[0]?.one, 1);
      await db.destroy();
    } finally {
      await server.stop();
    }
  });

  it("loses no request while Postgres, itself and the worker are restarted under load", async () => {
    postgres = await startPostgres();
    const { query } = postgres;
    const env = { STACKYARD_TENANTS_DATABASE: postgres.url };
    const token = await tenants(["token", "create", "operator"], env);
    const authorization = `Bearer ${token}`;
    const work = () => started(["reconcile", "--watch"], env);
    const serve = (port: string) => started(["serve", "--no-worker", "--port", port], env);
    let [server, worker] = [await serve("0"), await work()];
    const url = await server.url();
    const { port } = new URL(url);
    for (const user of USERS) {
      const headers = { authorization, "content-type": "application/json" };
      const answer = await fetch(`${url}/v1/tenants`, { method: "POST", headers, body: JSON.stringify({ user, ram: "1Gi", apiKey: KEY }) });
      assert.equal(answer.status, 202, await answer.text());
    }

    // each second another tenant is suspended, or resumed where it was suspended before: each change needs an up of its own
    load = new Load(url, authorization);
    const user = (turn: number) => USERS[turn % USERS.length] ?? "";
    const change = (number: number) => (Math.floor(number / USERS.length) % 2 === 0 ? "suspend" : "resume");
    const running = load.run(RATE, (turn) =>
      turn % RATE === 0
        ? { method: "POST", path: `/v1/tenants/${user(turn / RATE)}/${change(turn / RATE)}` }
        : { method: "GET", path: `/v1/tenants/${user(turn)}` },
    );
    await load.more(BETWEEN);
    const runs = () => until("an up runs", async () => (await query("select id from shards where unrecorded")).length > 0);
    await runs();
    // away until the worker has failed at the shard, which it could not give back
    await postgres.restart(() => until("a shard fails", async () => /shard \d+: /.test(readFileSync(worker.log, "utf8"))));
    const done = async () => (await query("select id from operations where state = 'succeeded'")).length;
    const before = await done();
    await until("the worker goes on with the shard", async () => (await done()) > before);
    await load.more(BETWEEN);
    assert.equal(await server.end("SIGTERM"), 0);
    server = await serve(port);
    await server.url();
    await load.more(BETWEEN);
    await runs();
    assert.equal(await worker.end("SIGKILL"), null);
    worker = await work();
    await load.more(BETWEEN);
    const answers = await load.answers();
    await running;

    const wrong = answers.filter(({ status, method }) => status !== (method === "GET" ? 200 : 202));
    assert.deepEqual(wrong, []);
    // else nothing was in the way of the load
    assert.ok([...load.troubles.keys()].length > 0 && answers.some(({ sent }) => sent > 1), JSON.stringify([...load.troubles]));

    // each was taken once, and each that was taken ends
    const changes = answers.filter(({ key }) => key !== undefined);
    const known = await query<{ key: string; operation_id: string }>("select key, operation_id from idempotency");
    const taken = new Map(known.map(({ key, operation_id: id }) => [key, id]));
    for (const { key = "", body } of changes) assert.equal(taken.get(key), (body as OperationView).id);
    assert.equal(known.length, changes.length);
    const unfinished = async () =>
      query<{ kind: string; state: string; error: string }>("select kind, state, error from operations where state != 'succeeded'");
    await until("all operations have ended", async () => (await unfinished()).length === 0, 480).catch(async (error: unknown) => {
      throw new Error(`${String(error)}: ${JSON.stringify(await unfinished())}\n${readFileSync(worker.log, "utf8")}`);
    });
    // and the last one of each tenant is what it is
    const last = await query<{ user_id: string; kind: string; reached: { suspended: boolean } }>(
      "select distinct on (user_id) user_id, kind, reached from operations join tenants on tenants.id = tenant_id order by user_id, number desc",
    );
    assert.deepEqual(
      last.map(({ user_id, kind, reached }) => `${user_id} ${kind} ${reached.suspended}`),
      last.map(({ user_id, kind }) => `${user_id} ${kind} ${kind === "suspend"}`),
    );
    const audited = await query<{ operation_id: string }>(
      "select operation_id from audit where outcome = 'accepted' and operation_id is not null",
    );
    assert.equal(new Set(audited.map(({ operation_id: id }) => id)).size, audited.length);
    for (const served of commands) assert.ok(!readFileSync(served.log, "utf8").includes(token));
    console.log(
      `      ${answers.length} requests; sent again: ${JSON.stringify(Object.fromEntries(load.troubles))}; ${taken.size} changes, ${new Set(taken.values()).size} operations`,
    );
  });
});

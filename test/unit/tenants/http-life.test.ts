import { strict as assert } from "node:assert";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { openDatabase } from "../../../tenants/registry/database";
import { loggerOf, serve, type ServeOptions, type Serving } from "../../../tenants/http";
import { SCOPES } from "../../../tenants/http/tokens";
import { isUnavailable } from "../../../tenants/registry/unavailable";
import type { OperationView, TenantView } from "../../../tenants/schemas";
import type { TenantService } from "../../../tenants/service";

const id = randomUUID();
const operation = (state: OperationView["state"]): OperationView => ({
  id,
  user: "ann",
  tenant: id,
  kind: "suspend",
  state,
  steps: ["wish"],
  by: "test",
  createdAt: new Date(0).toISOString(),
});
const tenant: TenantView = {
  id,
  user: "ann",
  state: "ready",
  ram: "1Gi",
  storage: "2Gi",
  image: "1.0.0",
  namespace: "fluxiondb-ann",
  url: "ws://fluxiondb.fluxiondb-ann.svc:8080",
  shard: 1,
  generation: 1,
  reachedGeneration: 1,
  createdAt: new Date(0).toISOString(),
};

/** A promise and what settles it. */
function later<T>() {
  let settle: (value: T) => void = () => {};
  const promise = new Promise<T>((resolve) => (settle = resolve));
  return { promise, settle };
}

describe("the tenants' HTTP API, from its start to its end", function () {
  this.timeout(20_000); // a server is started for each
  const open: Serving[] = [];
  const headers = { authorization: "Bearer good" };
  const serving = async (service: Partial<TenantService>, options: Partial<ServeOptions> = {}) => {
    const holder = async () => ({ id: "1", name: "token test/1", scopes: SCOPES });
    const given = { service: service as TenantService, tokens: { holder }, ping: async () => {}, host: "127.0.0.1", port: 0, ...options };
    const served = await serve(given);
    open.push(served);
    return served;
  };
  afterEach(async () => {
    for (const served of open.splice(0)) await served.stop();
  });

  it("answers what was begun before it stops, and nothing after", async () => {
    const [asked, found] = [later<void>(), later<TenantView>()];
    const { url, stop } = await serving({ show: () => (asked.settle(), found.promise) });
    const answer = fetch(`${url}/v1/tenants/ann`, { headers });
    await asked.promise;
    const stopped = stop();
    await assert.rejects(async () => {
      for (;;) await (await fetch(`${url}/livez`)).text();
    });
    found.settle(tenant);
    assert.equal(`${(await answer).status} ${(await answer).headers.get("connection")}`, "200 close");
    assert.deepEqual(await (await answer).json(), tenant);
    await stopped;
  });

  it("streams each change of an operation until it has ended", async () => {
    const { url } = await serving({
      async *follow() {
        yield operation("queued");
        yield operation("running");
        yield operation("succeeded");
      },
    });
    const answer = await fetch(`${url}/v1/operations/${id}/events`, { headers });
    assert.equal(answer.headers.get("content-type"), "text/event-stream");
    const text = await answer.text();
    assert.deepEqual(text.match(/(?<=^event: operation\ndata: .*"state":")\w+/gm), ["queued", "running", "succeeded"]);
    assert.match(text, /^retry: \d+\n\n/);
  });

  it("ends streams when it stops, and stops following for who has gone", async () => {
    const signals: AbortSignal[] = [];
    const { url, stop } = await serving({
      async *follow(_id, _caller, signal) {
        if (signal !== undefined) signals.push(signal);
        yield operation("running");
        await once(signal as never, "abort");
      },
    });
    const path = `${url}/v1/operations/${id}/events`;
    const gone = new AbortController();
    await fetch(path, { headers, signal: gone.signal });
    gone.abort();
    while (!signals[0]?.aborted) await pause(1);
    const stays = await fetch(path, { headers });
    await stop();
    assert.match(await stays.text(), /"state":"running"/);
    assert.ok(signals[1]?.aborted);
  });

  it("lets a token follow 20 operations at once", async () => {
    const { url } = await serving({
      async *follow(_id, _caller, signal) {
        yield operation("running");
        await once(signal as never, "abort");
      },
    });
    const follow = () => fetch(`${url}/v1/operations/${id}/events`, { headers });
    const statuses = [];
    for (let nth = 1; nth <= 21; nth++) statuses.push((await follow()).status);
    assert.deepEqual(statuses.slice(-2), [200, 429]);
  });

  it("says that it cannot answer now while the registry does not, and to come back", async () => {
    const free = createServer().listen(0, "127.0.0.1");
    await once(free, "listening");
    const { port } = free.address() as AddressInfo;
    free.close();
    const away = () => openDatabase({ url: `postgres://user:secret@127.0.0.1:${port}/registry` }).then(() => assert.fail());
    const { url } = await serving({ show: away, overview: away }, { ping: away });
    const answer = await fetch(`${url}/v1/tenants/ann`, { headers });
    assert.equal(`${answer.status} ${answer.headers.get("retry-after")}`, "503 2");
    assert.doesNotMatch(await answer.text(), /127\.0\.0\.1|secret/);
    assert.equal((await fetch(`${url}/readyz`)).status, 503);
    assert.equal((await fetch(`${url}/livez`)).status, 200);
    assert.match(await (await fetch(`${url}/metrics`, { headers })).text(), /^stackyard_tenants_registry_up 0$/m);
  });

  it("says of its own failure that it was one, and the rest to the log", async () => {
    const lines: string[] = [];
    const failing = async () => {
      throw Object.assign(new Error("a bug"), { detail: "Key (sealed)=(secret) exists already" });
    };
    const { url } = await serving({ show: failing }, { logger: loggerOf("info", { write: (line) => lines.push(line) }) });
    const answer = await fetch(`${url}/v1/tenants/ann`, { headers });
    const text = await answer.text();
    assert.equal(answer.status, 500);
    assert.match(text, /"type":"urn:stackyard:problem:internal"/);
    assert.doesNotMatch(text, /bug/);
    const [, request = ""] = /urn:uuid:([\w-]+)/.exec(text) ?? [];
    assert.ok(lines.some((line) => line.includes(request) && line.includes("a bug")));
    assert.ok(!lines.join("").includes("secret"));
  });

  it("tells what passes from what does not", () => {
    const coded = (code: string, more = {}) => Object.assign(new Error("x"), { code, ...more });
    for (const error of [
      coded("57P01"),
      coded("08006"),
      coded("53300"),
      coded("ECONNREFUSED", { syscall: "connect" }),
      new Error("Connection terminated unexpectedly"),
    ])
      assert.ok(isUnavailable(error), String(error.message));
    for (const error of [coded("23505"), coded("42P01"), coded("ENOENT"), new Error("x"), "57P01"]) assert.ok(!isUnavailable(error));
  });
});

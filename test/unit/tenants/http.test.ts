import { strict as assert } from "node:assert";
import { randomUUID } from "node:crypto";
import type { FastifyInstance } from "fastify";
import type { OperationView, TenantView } from "../../../tenants/schemas";
import type { Caller } from "../../../tenants/service";
import { loggerOf } from "../../../tenants/http";
import { call, Given, KEY, routesOf } from "./http-given";

interface Problem {
  readonly type: string;
  readonly detail?: string;
  readonly errors?: readonly { readonly pointer?: string; readonly parameter?: string; readonly detail: string }[];
}

describe("the tenants' HTTP API", () => {
  let given: Given;
  let app: FastifyInstance;
  let operator: { authorization: string };

  before(async function () {
    this.timeout(60_000); // Postgres is compiled
    given = await Given.open();
    app = await given.api();
    operator = await given.token({ name: "operator" });
  });
  after(() => given?.end());

  const body = (user: string, ram = "1Gi") => ({ user, ram, apiKey: KEY });

  it("takes a request, and says where its operation is", async () => {
    const taken = await call(app, "POST /v1/tenants", operator, body("ann"));
    assert.equal(taken.statusCode, 202, taken.body);
    const { location } = taken.headers as { location: string };
    const operation = await call(app, `GET ${location}`, operator);
    assert.deepEqual(operation.json(), taken.json());
    assert.equal(operation.headers["retry-after"], "1");
    const tenant = (await call(app, "GET /v1/tenants/ann", operator)).json<TenantView>();
    assert.equal(`${tenant.namespace} ${tenant.storage} ${tenant.state}`, "fluxiondb-ann 2Gi provisioning");
    const page = (await call(app, "GET /v1/tenants?limit=1&after=anm", operator)).json<{ items: TenantView[]; next: string }>();
    assert.deepEqual([page.items.map(({ user }) => user), page.next], [["ann"], "ann"]);
  });

  it("takes the same request once, by its idempotency key", async () => {
    const headers = { ...operator, "idempotency-key": randomUUID() };
    await given.tenant("ben");
    const suspend = async () => (await call(app, "POST /v1/tenants/ben/suspend", headers)).json<OperationView>().id;
    const first = await suspend();
    await given.db.updateTable("operations").set({ state: "succeeded", finished_at: new Date() }).where("id", "=", first).execute();
    assert.equal(await suspend(), first);
    const other = await call(app, "POST /v1/tenants/ben/resume", headers);
    assert.equal(`${other.statusCode} ${other.json<Problem>().type}`, "422 urn:stackyard:problem:reused-key");
    const without = (await call(app, "POST /v1/tenants/ben/suspend", operator)).json<OperationView>().id;
    assert.notEqual(without, first);
  });

  it("says each thing that is wrong, as a problem, and no key", async () => {
    const { statusCode, headers, payload, ...answer } = await call(app, "POST /v1/tenants", operator, {
      user: "No!",
      ram: "1",
      apiKey: "short key",
      colour: 1,
    });
    assert.equal(`${statusCode} ${String(headers["content-type"])}`, "422 application/problem+json; charset=utf-8");
    assert.deepEqual(
      answer.json<Problem>().errors?.map(({ pointer }) => pointer ?? "the whole"),
      ["#/user", "#/ram", "#/apiKey", "the whole"],
    );
    assert.ok(!payload.includes("short key"));
  });

  for (const [request, headers, payload, status, kind] of [
    ["POST /v1/tenants", { "content-type": "application/json" }, "{", 400, "malformed"],
    ["POST /v1/tenants", { "content-type": "text/plain" }, "x", 415, "no-json"],
    ["POST /v1/tenants", { "content-type": "application/json" }, JSON.stringify("x".repeat(17_000)), 413, "too-large"],
    ["POST /v1/tenants/ann/suspend", { "idempotency-key": "two words" }, undefined, 422, "invalid"],
    ["GET /v1/tenants/%zz", {}, undefined, 400, "malformed"],
    ["GET /v1/tenants?limit=many", {}, undefined, 422, "invalid"],
    ["GET /v1/nothing", {}, undefined, 404, "not-found"],
    ["GET /v1/tenants/nobody", {}, undefined, 404, "not-found"],
    ["POST /v1/tenants/ann/resize", { "content-type": "application/json" }, JSON.stringify({ ram: "512Mi" }), 409, "conflict"],
  ] as const) {
    it(`answers ${request} ${JSON.stringify(headers)} with ${status}`, async () => {
      const [method, url] = request.split(" ") as ["GET" | "POST", string];
      const answer = await app.inject({ method, url, headers: { ...operator, ...headers }, payload });
      assert.equal(`${answer.statusCode} ${answer.json<Problem>().type}`, `${status} urn:stackyard:problem:${kind}`);
    });
  }

  it("shows a tenant's token that tenant alone: all else is not found, and written down", async () => {
    await given.tenant("carl");
    const dora = await call(app, "POST /v1/tenants", operator, body("dora"));
    const { id } = dora.json<OperationView>();
    const carl = await given.token({ name: "carl", tenant: "carl" });
    assert.deepEqual(
      (await call(app, "GET /v1/tenants", carl)).json<{ items: TenantView[] }>().items.map(({ user }) => user),
      ["carl"],
    );
    const others = routesOf(app, { user: "dora", id }).filter((route) => /dora|operations/.test(route));
    assert.ok(others.length >= 12, others.join());
    for (const [index, route] of others.entries()) {
      const answer = await call(app, route, carl);
      assert.equal(answer.statusCode, 404, `${route}: ${answer.body}`);
      const refusals = await given.refusals("carl");
      assert.equal(`${refusals.length} ${refusals.at(-1)?.user_id}`, `${index + 1} dora`, route);
    }
    assert.equal((await given.tenants.operations("dora", { name: "test" })).length, 1);
  });

  it("shows a tenant's token nothing of an earlier tenant of the same user, and that one the end of its own", async () => {
    await given.tenant("ida");
    const [before] = await given.tenants.operations("ida", { name: "test" });
    const first = await given.token({ name: "first", tenant: "ida" });
    const holder = await given.tokens.holder(first.authorization.replace("Bearer ", ""));
    await given.db.updateTable("tenants").set({ purged_at: new Date() }).where("user_id", "=", "ida").execute();
    await given.tenant("ida");
    const second = await given.token({ name: "second", tenant: "ida" });
    const [own] = await given.tenants.operations("ida", { name: "test" });
    assert.equal((await call(app, `GET /v1/operations/${own?.id}`, second)).statusCode, 200);
    for (const route of [`GET /v1/operations/${before?.id}`, `GET /v1/operations/${before?.id}/events`]) {
      assert.equal((await call(app, route, second)).statusCode, 404, route);
    }
    assert.equal((await given.refusals("second")).length, 2);
    // whoever followed the deletion until its end
    const earlier = { name: "first", tenant: holder?.tenant } as Caller;
    assert.equal((await given.tenants.operation(before?.id ?? "", earlier)).id, before?.id);
    for (const look of [() => given.tenants.show("ida", earlier), () => given.tenants.suspend("ida", earlier)]) {
      await assert.rejects(look(), /there is no tenant/);
    }
    assert.deepEqual((await given.tenants.list({}, earlier)).items, []);
  });

  it("lets a tenant's token make no tenant", async () => {
    await given.tenant("emma");
    const emma = await given.token({ name: "emma", tenant: "emma" });
    const answer = await call(app, "POST /v1/tenants", emma, body("frida"));
    assert.equal(`${answer.statusCode} ${answer.json<Problem>().type}`, "403 urn:stackyard:problem:forbidden");
    assert.equal((await given.refusals("emma")).length, 1);
    await assert.rejects(given.token({ name: "more", tenant: "emma", scopes: ["tenants:provision"] }), /not for a token of one tenant/);
  });

  it("lets a token do what it is for, and writes down the rest", async () => {
    await given.tenant("gus");
    const reader = await given.token({ name: "reader", scopes: ["tenants:read"] });
    assert.equal((await call(app, "GET /v1/tenants/gus", reader)).statusCode, 200);
    const refused = routesOf(app, { user: "gus", id: randomUUID() }).filter((route) => !route.startsWith("GET"));
    for (const route of [...refused, "GET /metrics"]) assert.equal((await call(app, route, reader)).statusCode, 403, route);
    assert.equal((await given.refusals("reader")).length, refused.length + 1);
  });

  it("lets nobody in without a token that is good now", async () => {
    await given.tenant("hal");
    const past = await given.token({ name: "past" });
    await given.db
      .updateTable("tokens")
      .set({ expires_at: new Date(0) } as never)
      .where("name", "=", "past")
      .execute();
    const revoked = await given.token({ name: "revoked" });
    await given.tokens.revoke("revoked", "test");
    const purged = await given.token({ name: "purged", tenant: "hal" });
    assert.equal((await call(app, "GET /v1/tenants/hal", purged)).statusCode, 200);
    await given.db.updateTable("tenants").set({ purged_at: new Date() }).where("user_id", "=", "hal").execute();
    await given.tenant("hal");
    const changed = { authorization: operator.authorization.replace(/.$/, (last) => (last === "A" ? "B" : "A")) };
    const none = [{}, { authorization: "Bearer x" }, { authorization: operator.authorization.replace("Bearer", "Basic") }];
    for (const headers of [...none, past, revoked, purged, changed]) {
      for (const route of ["GET /v1/tenants/hal", "GET /metrics"]) {
        const answer = await call(app, route, headers);
        assert.equal(
          `${answer.statusCode} ${String(answer.headers["www-authenticate"])}`,
          '401 Bearer realm="stackyard"',
          JSON.stringify(headers),
        );
      }
    }
  });

  it("keeps no token", async () => {
    const { authorization } = await given.token({ name: "kept" });
    const rows = JSON.stringify(await given.db.selectFrom("tokens").selectAll().execute());
    const secret = authorization.replace(/^Bearer stackyard_[0-9a-f]{12}_/, "");
    assert.ok(secret.length === 43 && !rows.includes(secret));
    assert.ok(!JSON.stringify(await given.tokens.list()).includes(secret));
  });

  it("limits each token by itself, and wrong ones by their address", async () => {
    const limited = await given.api({ rate: 2 });
    const [ida, joe] = [await given.token({ name: "ida" }), await given.token({ name: "joe" })];
    const statuses = async (headers: object, count: number) => {
      const answers = [];
      for (let nth = 0; nth < count; nth++) answers.push(await call(limited, "GET /v1/tenants", { ...headers }));
      return answers.map(({ statusCode, headers }) => `${statusCode}${headers["retry-after"] ? " retry" : ""}`);
    };
    assert.deepEqual(await statuses(ida, 4), ["200", "200", "429 retry", "429 retry"]);
    assert.deepEqual(await statuses(joe, 1), ["200"]);
    assert.deepEqual((await statuses({ authorization: "Bearer wrong" }, 31)).slice(-2), ["401", "429 retry"]);
    assert.equal((await given.refusals("ida")).length, 0);
  });

  it("logs who asked for what, and nothing of what was sent", async () => {
    const lines: string[] = [];
    const logged = await given.api({ logger: loggerOf("debug", { write: (line) => lines.push(line) }) });
    const kim = await given.token({ name: "kim" });
    await call(logged, "POST /v1/tenants", { ...kim, "idempotency-key": "idempotent-secret" }, body("kim"));
    await call(logged, "GET /v1/tenants/secret-path?after=secret-query", kim);
    await logged.inject({
      method: "POST",
      url: "/v1/tenants",
      headers: { ...kim, "content-type": "application/json" },
      payload: '{"apiKey": secret',
    });
    const text = lines.join("");
    assert.match(text, /"route":"\/v1\/tenants","status":202,"ms":\d+,"caller":"token kim\/[0-9a-f]{12}"/);
    assert.equal(lines.filter((line) => line.includes('"msg":"request"')).length, 3);
    for (const secret of [KEY, "secret", kim.authorization.slice(-20)]) assert.ok(!text.includes(secret), secret);
  });

  it("is described whole, in OpenAPI 3.1, by the schemas that check it", async () => {
    const description = (await call(app, "GET /v1/openapi.json")).json<{
      openapi: string;
      paths: Record<string, Record<string, object>>;
    }>();
    assert.equal(description.openapi, "3.1.1");
    const operations = Object.values(description.paths).flatMap((methods) => Object.values(methods));
    for (const operation of operations)
      assert.match(JSON.stringify(operation), /"operationId".*"token":\["tenants:\w+"\].*"default":.*schemas\/Problem/);
    assert.match(JSON.stringify(description.paths["/v1/tenants"]), /Key that clients of the database authenticate with/);
  });

  it("tells the service's state to who may ask", async () => {
    assert.equal((await call(app, "GET /livez")).statusCode, 200);
    assert.equal((await call(app, "GET /readyz")).statusCode, 200);
    const { body } = await call(app, "GET /metrics", operator);
    assert.match(body, /^stackyard_tenants\{state="provisioning"\} \d+$/m);
    assert.match(body, /^stackyard_tenants_operations\{kind="provision",state="queued"\} \d+$/m);
    assert.match(body, /request_duration_seconds_count\{method="POST",route="\/v1\/tenants",status="202"\} [1-9]/);
    assert.match(body, /^stackyard_tenants_registry_up 1$/m);
  });
});

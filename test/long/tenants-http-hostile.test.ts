import { strict as assert } from "node:assert";
import fc from "fast-check";
import type { FastifyInstance } from "fastify";
import { TenantName } from "../../tenants/schemas";
import { Given, KEY } from "../unit/tenants/http-given";

/** Requests of each of two holders: 1,000 in all, of what nobody should send, among them some that are right. */
const RUNS = 500;
/** The same requests each time: how many of them are taken is no matter of chance. */
const SEED = 20261121;

const nasty = fc.constantFrom(
  "../../kube-system",
  "kube-system",
  "default",
  "mallory/../victim",
  "victim%2f..",
  "victim\u0000",
  "víctim",
  "VICTIM",
  "-victim",
  "victim-",
  "victim.",
  "{{ .Release }}",
  "$(reboot)",
  "'; drop table tenants; --",
  "a".repeat(64),
  "__proto__",
  "constructor",
  "toString",
  "null",
  "",
  " victim",
  "victim\n",
  "‮mitciv",
  "mallory-fluxiondb-victim",
);
const name = fc.oneof(
  nasty,
  fc.string({ maxLength: 80 }),
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.stringMatching(/^[a-z0-9-]{1,60}$/),
);
const size = fc.oneof(
  fc.constantFrom(
    "0",
    "-1Gi",
    "1e400",
    "NaN",
    "Infinity",
    "1Gi1",
    "999999999999999999Ei",
    "1Gi",
    "4Gi",
    "64Mi",
    "0.1",
    "1e3Gi",
    "٤Gi",
    "1 Gi",
  ),
  fc.string({ maxLength: 30 }),
  fc.double(),
  fc.constant(null),
);
const key = fc.oneof(
  fc.constant(KEY),
  fc.string({ maxLength: 300 }),
  fc.constantFrom("a".repeat(257), "k\u0000".repeat(16), "ключключключключключ"),
);
const right = fc.record({
  user: fc.stringMatching(/^[a-z][a-z0-9-]{0,20}[a-z0-9]$/),
  ram: fc.constantFrom("1Gi", "2Gi"),
  apiKey: fc.constant(KEY),
});
const value = fc.oneof(name, size, key, fc.integer(), fc.boolean(), fc.array(fc.string(), { maxLength: 3 }), fc.object({ maxDepth: 2 }));
const body = fc.oneof(
  fc.record({ user: name, ram: size, apiKey: key }, { requiredKeys: [] }),
  right,
  right.map(({ ram }) => ({ ram })),
  right.map(({ apiKey }) => ({ apiKey })),
  fc.constant({}),
  fc.dictionary(fc.oneof(fc.constantFrom("user", "ram", "apiKey", "backup", "graceDays", "__proto__", "constructor"), fc.string()), value),
  fc.json(),
  value,
);
const payload = fc.oneof(
  body.map((body) => (typeof body === "string" ? body : (JSON.stringify(body) ?? ""))),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  fc.constantFrom('{"__proto__":{"user":"victim"}}', '{"user":', `${"[".repeat(5000)}`, "\ufeff{}", '{"a":1e999}', '"\\ud800"'),
);
const header = fc.stringMatching(/^[\x20-\x7e\x80-\xff]{0,300}$/);
const paths = [
  "POST /v1/tenants",
  "POST /v1/adoptions",
  "GET /v1/tenants?limit=$&after=$&state=$",
  "GET /v1/tenants/$",
  "DELETE /v1/tenants/$?graceDays=$",
  "GET /v1/tenants/$/backups",
  "GET /v1/tenants/$/operations",
  ...["resize", "rotate-key", "suspend", "resume", "backups", "restore"].map((action) => `POST /v1/tenants/$/${action}`),
  "GET /v1/operations/$",
  "GET /v1/operations/$/events",
  "GET /$",
];
const request = fc.record({
  path: fc.constantFrom(...paths, "POST /v1/tenants", "POST /v1/tenants"),
  values: fc.array(fc.oneof(name, fc.constant("mallory"), fc.constant("mallory"), fc.constant("victim"), fc.uuid()), {
    minLength: 3,
    maxLength: 3,
  }),
  isEncoded: fc.boolean(),
  payload,
  idempotency: fc.oneof(fc.constant(undefined), fc.constant(undefined), header),
  type: fc.oneof(
    { weight: 9, arbitrary: fc.constant("application/json") },
    fc.constantFrom("text/plain", "application/json; charset=utf-16", "x"),
  ),
});

type Hostile = typeof request extends fc.Arbitrary<infer Each> ? Each : never;

const isUri = (text: string) => /^[\x21-\x7e]*$/.test(text);

describe("the tenants' HTTP API, given hostile input", () => {
  let given: Given;
  let app: FastifyInstance;
  let victim: string;
  const holders: Record<"operator" | "mallory", string> = { operator: "", mallory: "" };

  before(async function () {
    this.timeout(60_000); // Postgres is compiled
    given = await Given.open();
    app = await given.api();
    for (const user of ["victim", "mallory"]) await given.tenant(user);
    holders.operator = (await given.token({ name: "operator" })).authorization;
    holders.mallory = (await given.token({ name: "mallory", tenant: "mallory" })).authorization;
  });
  beforeEach(async () => {
    victim = await stateOf("victim");
  });
  after(() => given?.end());

  /** All that the registry has of a user. */
  async function stateOf(user: string): Promise<string> {
    const tenant = await given.db.selectFrom("tenants").selectAll().where("user_id", "=", user).executeTakeFirstOrThrow();
    const operations = await given.db.selectFrom("operations").select("id").where("tenant_id", "=", tenant.id).orderBy("number").execute();
    return JSON.stringify([tenant, operations]);
  }

  async function sent(holder: keyof typeof holders, { path, values, isEncoded, payload, idempotency, type }: Hostile) {
    const [method = "GET", template = ""] = path.split(" ");
    let next = 0;
    const raw = template.replace(/\$/g, () => values[next++] ?? "");
    next = 0;
    const encoded = template.replace(/\$/g, () => encodeURIComponent((values[next++] ?? "").replace(/\p{Surrogate}/gu, "?")));
    const url = !isEncoded && isUri(raw) && !raw.startsWith("//") ? raw : encoded;
    const headers = {
      authorization: holders[holder],
      ...(method === "GET" ? {} : { "content-type": type }),
      ...(idempotency !== undefined && { "idempotency-key": idempotency }),
    };
    return app.inject({ method: method as "GET", url, headers, ...(method === "GET" ? {} : { payload }) });
  }

  for (const holder of ["operator", "mallory"] as const) {
    it(`never fails, and never leaves a tenant's own namespace, whatever ${holder} sends`, async function () {
      this.timeout(120_000);
      const seen: Record<number, number> = {};
      await fc.assert(
        fc.asyncProperty(request, async (hostile) => {
          const answer = await sent(holder, hostile);
          seen[answer.statusCode] = (seen[answer.statusCode] ?? 0) + 1;
          assert.ok(answer.statusCode < 500, `${answer.statusCode} ${answer.body}`);
          if (answer.statusCode >= 400) assert.match(String(answer.headers["content-type"]), /^application\/problem\+json/);
          if (holder === "mallory") assert.ok(!answer.body.includes('"user":"victim"'), answer.body);
        }),
        { numRuns: RUNS, seed: SEED },
      );
      // else it was all refused at the door
      assert.ok((seen[202] ?? 0) > 3 && (seen[404] ?? 0) > 20 && (seen[422] ?? 0) > 30, JSON.stringify(seen));

      const { items } = await given.tenants.list({ limit: 1000 }, { name: "test" });
      for (const { user, namespace } of items) {
        assert.ok(TenantName.safeParse(user).success, user);
        assert.equal(namespace, `fluxiondb-${user}`);
        assert.match(namespace, /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
      }
      if (holder === "mallory") assert.equal(await stateOf("victim"), victim);
    });
  }

  it("has written down each of mallory's looks at others", async function () {
    this.timeout(30_000);
    const before = (await given.refusals("mallory")).length;
    await fc.assert(
      fc.asyncProperty(
        request.filter(({ path }) => path.includes("/v1/tenants/$")),
        fc.constantFrom("victim", "nobody", "fluxiondb-mallory", "mallory2"),
        async (hostile, user) => {
          const { statusCode } = await sent("mallory", { ...hostile, values: [user, "", ""], isEncoded: true });
          assert.equal(statusCode, 404);
        },
      ),
      { numRuns: 100 },
    );
    const refusals = await given.refusals("mallory");
    assert.equal(refusals.length, before + 100);
    assert.equal(await stateOf("victim"), victim);
  });
});

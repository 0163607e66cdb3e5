import { strict as assert } from "node:assert";
import { readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { plotOf } from "../../bench/copies/plot";
import type { CopiesResults } from "../../bench/copies/results";
import { RUNS, TIMES } from "../../bench/copies/subjects";
import * as benchCopies from "../../bench/copies/tables";
import type { Measurement } from "../../bench/measure";
import { objectsIn, writeObjects } from "../../bench/objects";
import { aimsOf, ratio, spread, type Measured, type Results } from "../../bench/results";
import * as bench from "../../bench/tables";
import type { TenantResults } from "../../bench/tenants/results";
import * as benchTenants from "../../bench/tenants/tables";

const resultsOf = <R>(name: string) => JSON.parse(readFileSync(`bench/results/${name}.json`, "utf8")) as R;
const committed = resultsOf<Results>("dev");
const copies = resultsOf<CopiesResults>("copies");
const tenants = resultsOf<TenantResults>("tenants");
const quotes = [
  [bench.COMMAND, bench.QUOTES, committed],
  [benchCopies.COMMAND, benchCopies.QUOTES, copies],
  [benchTenants.COMMAND, benchTenants.QUOTES, tenants],
] as [command: string, blocks: Readonly<Record<string, (results: unknown) => string>>, results: unknown][];

describe("the committed measurements", function () {
  this.timeout("10s"); // Prettier writes the tables

  for (const [command, blocks, results] of quotes) {
    for (const [file, block] of Object.entries(blocks)) {
      it(`of ${command} are what ${file} says`, async () => {
        const text = readFileSync(file, "utf8");
        assert.equal(await bench.withBlock(text, block(results), command), text);
      });
    }
  }

  it("of copies are what the picture shows", async () => {
    assert.equal(await plotOf(copies), readFileSync(benchCopies.PLOT, "utf8"));
  });

  it("of copies are of several numbers of them, each with the same runs in every round", () => {
    assert.ok(copies.sizes.length > 1);
    for (const { subjects } of copies.sizes) {
      const rounds = subjects.flatMap(({ runs }) => RUNS.flatMap((run) => (runs[run] ? [runs[run].length / TIMES[run]] : [])));
      assert.equal(new Set(rounds).size, 1);
    }
  });

  it("have every subject in every round", () => {
    const rounds = committed.subjects.flatMap(({ up, noop }) => [up.length, noop.length]);
    assert.deepEqual([...new Set(rounds)].length, 1);
    assert.ok(committed.subjects.some(({ side }) => side === "ours") && committed.subjects.some(({ name }) => name === "helm"));
  });
});

describe("the objects that peers get", () => {
  const secret = (value: unknown) => ({
    "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
    plaintext: JSON.stringify(value),
  });
  const of = (type: string, inputs: object) => objectsIn({ deployment: { resources: [{ type, inputs }] } });

  it("are those of Kubernetes, with their secrets in clear", () => {
    const inputs = { apiVersion: "v1", kind: "Secret", metadata: { name: "key" }, stringData: secret({ token: "t0p" }), __defaults: [] };
    assert.deepEqual(of("kubernetes:core/v1:Secret", inputs), [
      { apiVersion: "v1", kind: "Secret", metadata: { name: "key" }, stringData: { token: "t0p" } },
    ]);
    assert.deepEqual(of("random:index/randomPassword:RandomPassword", { length: 32 }), []);
  });

  it("are refused where one stands for many", () => {
    assert.throws(() => of("kubernetes:helm.sh/v3:Release", { chart: "x" }), /helm\.sh\/v3:Release is not one object/);
  });

  it("lie in a folder that its owner alone can read", () => {
    const folder = writeObjects([{ apiVersion: "v1", kind: "Secret", metadata: { name: "key" } }]);
    try {
      const entries = [folder, ...(readdirSync(folder, { recursive: true }) as string[]).map((entry) => join(folder, entry))].map((entry) =>
        statSync(entry),
      );
      assert.ok(entries.length > 3);
      assert.deepEqual(new Set(entries.map((entry) => entry.mode & 0o077)), new Set([0]));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("what measurements come to", () => {
  const measured = (wall: number, megabytes: number): Measurement => ({
    wall,
    cpu: 1,
    memory: { "program and policy pack": { pss: megabytes, rss: megabytes + 50 } },
  });
  const subject = (name: string, up: number[], noop: number[]): Measured => ({
    name,
    title: name,
    side: name === "helm" ? "peer" : "ours",
    up: up.map((wall) => measured(wall, 360)),
    noop: noop.map((wall) => measured(wall, 360)),
  });

  it("is a median with its spread", () => {
    assert.deepEqual(spread([5, 1, 2]), { median: 2, min: 1, max: 5 });
    assert.deepEqual(spread([4, 1, 2, 8]), { median: 3, min: 1, max: 8 });
    assert.throws(() => spread([]), RangeError);
  });

  it("is compared round by round", () => {
    const [one, other] = [subject("pulumi", [10, 40, 30], []), subject("helm", [5, 10, 30], [])];
    assert.deepEqual(
      ratio(one.up, other.up, ({ wall }) => wall),
      { median: 2, min: 1, max: 4 },
    );
    assert.throws(() => ratio(one.up, other.up.slice(1), ({ wall }) => wall), /round 3/);
  });

  it("meets each aim up to its limit, and misses it above", () => {
    const subjects = [
      subject("pulumi", [9, 9], [4, 4.2]),
      subject("pulumi-preview", [6.1, 9.3], [3.9, 3.8]),
      subject("helm", [3, 3], [1, 1]),
    ];
    const verdicts = aimsOf({ ...committed, subjects }).map(({ title, text, met }) => [title, text.slice(0, 7), met]);
    assert.deepEqual(verdicts, [
      ["pulumi", "up with", true],
      ["pulumi", "no-op u", false],
      ["pulumi", "program", true],
      ["pulumi", "program", false],
      ["pulumi-preview", "up with", true],
      ["pulumi-preview", "no-op u", true],
      ["pulumi-preview", "program", true],
      ["pulumi-preview", "program", false],
    ]);
  });

  it("has its place in a file, or is refused", async () => {
    await assert.rejects(bench.withBlock("# Title\n", "text"), /there is no place for the measurements/);
  });
});

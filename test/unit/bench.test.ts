import { strict as assert } from "node:assert";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { measure, type Measurement } from "../../bench/measure";
import { objectsIn, writeObjects } from "../../bench/objects";
import { aimsOf, ratio, spread, type Measured, type Results } from "../../bench/results";
import { QUOTES, withBlock } from "../../bench/tables";

const committed = JSON.parse(readFileSync("bench/results/dev.json", "utf8")) as Results;

describe("the committed measurements", () => {
  for (const [file, block] of Object.entries(QUOTES)) {
    it(`are what ${file} says`, async () => {
      const text = readFileSync(file, "utf8");
      assert.equal(await withBlock(text, block(committed)), text);
    });
  }

  it("have every subject in every round", () => {
    const rounds = committed.subjects.flatMap(({ up, noop }) => [up.length, noop.length]);
    assert.deepEqual([...new Set(rounds)].length, 1);
    assert.ok(committed.subjects.some(({ side }) => side === "ours") && committed.subjects.some(({ name }) => name === "helm"));
  });
});

describe("a measurement", function () {
  this.timeout("20s");
  const busy = `"${process.execPath}" -e 'while (process.cpuUsage().user < 500e3) for (let i = 0; i < 1e6; i++);'`;
  const large = (mark: string) => `"${process.execPath}" -e 'const held = Buffer.alloc(150e6, 1); setTimeout(() => held, 700)' ${mark}`;

  it("counts the CPU time of grandchildren", async () => {
    const { cpu, wall } = await measure(`bash -c "$BUSY; true"`, { env: { BUSY: busy } });
    assert.ok(cpu >= 0.5 && cpu < 2, `${cpu} s`);
    assert.ok(wall >= 0.5, `${wall} s`);
  });

  it("counts the CPU time of a process whose parent ended before it", async () => {
    const { cpu, wall } = await measure(`(${busy} &)`);
    assert.ok(cpu >= 0.3, `${cpu} s`); // it is looked at ten times a second
    assert.ok(wall < cpu, `${wall} s: the script had ended before`);
  });

  it("adds up the memory that processes have at one moment, and shows groups of them apart", async () => {
    const { memory } = await measure(`${large("one")} & ${large("two")} & wait`, { groups: { one: / one $/, both: / (one|two) $/ } });
    const [all, one, both] = [memory.all, memory.one, memory.both];
    assert.ok(all && one && both);
    assert.ok(one.pss >= 150 && one.pss < 250, `${one.pss} MB`);
    assert.ok(both.pss >= 300 && both.pss <= all.pss, `${both.pss} of ${all.pss} MB`);
    assert.ok(both.rss > both.pss, "what both share counts twice in RSS");
  });

  it("does not add what processes had one after the other", async () => {
    const { memory } = await measure(`${large("one")}; ${large("two")}`);
    assert.ok((memory.all?.pss ?? NaN) < 250, `${memory.all?.pss} MB`);
  });

  it("fails with what a failing script has printed", async () => {
    await assert.rejects(measure("echo out; echo err >&2; false; echo never"), (error: Error) => {
      assert.match(error.message, /ended with 1:\nout\nerr$/);
      return true;
    });
  });

  it("names and ends what a script leaves running", async () => {
    const folder = mkdtempSync(join(tmpdir(), "stackyard-left-"));
    try {
      const file = join(folder, "pid");
      await assert.rejects(measure(`sleep 4321 & echo $! > ${file}`, { grace: 200 }), /left processes: sleep 4321/);
      const pid = Number(readFileSync(file, "utf8"));
      const state = () => {
        try {
          return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.[0];
        } catch {
          return undefined;
        }
      };
      assert.ok([undefined, "Z", "X"].includes(state()), "it still runs");
    } finally {
      rmSync(folder, { recursive: true });
    }
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
    await assert.rejects(withBlock("# Title\n", "text"), /there is no place for the measurements/);
  });
});

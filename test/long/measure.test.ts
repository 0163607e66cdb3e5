import { strict as assert } from "node:assert";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { measure } from "../../bench/measure";

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

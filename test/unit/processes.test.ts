import { execa } from "execa";
import { strict as assert } from "node:assert";
import { mayGoOn } from "../../engine/processes";

describe("the process that had an id", () => {
  const now = new Date();
  const past = new Date("2020-01-01");

  it("may go on where one of that id runs, whatever it is called: `pulumi` may be started by another name", () => {
    assert.ok(mayGoOn(process.pid, "node", past));
    assert.ok(mayGoOn(process.pid, "pulumi", now));
    assert.ok(mayGoOn(process.pid, "pulumi", new Date("no date")));
  });

  it("has ended where there is none, or another program was started later and has its id now", async () => {
    const child = execa("true");
    await child;
    assert.ok(!mayGoOn(child.pid ?? 0, "pulumi", now));
    if (process.platform === "linux") assert.ok(!mayGoOn(process.pid, "pulumi", past));
  });
});

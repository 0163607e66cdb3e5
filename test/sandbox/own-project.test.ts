import { strict as assert } from "node:assert";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { OwnProject } from "../support/own-project";

const SANDBOX = `space-${process.pid}`;
const on = ["--sandbox", SANDBOX];

describe("a project in a folder whose name has a space and a #", function () {
  this.timeout("15m"); // the first run builds the programs
  let project: OwnProject;
  const typed = async (run: ReturnType<OwnProject["run"]>) => {
    const { exitCode, all } = await run;
    assert.equal(exitCode, 0, all);
    return all ?? "";
  };

  before(() => {
    project = new OwnProject();
    assert.match(project.folder, / #/);
  });
  after(async () => {
    await project.stackyard("sandbox", "reset", ...on);
    project.close();
  });

  it("is brought up, verified, and given a tenant", async () => {
    assert.match(await typed(project.stackyard("up", "dev", ...on)), /What to type next/);
    await typed(project.stackyard("verify", "dev", "--wait", ...on));
    const key = join(project.folder, "key");
    writeFileSync(key, "the-key-of-a-test");
    await typed(project.stackyard("tenants", "provision", "dora", "--ram", "1Gi", "--key-file", key, ...on));
  });

  it("has all of its sandbox in that folder", () => {
    for (const cut of [" ", "#"])
      assert.ok(!existsSync(project.folder.split(cut)[0] ?? ""), `something lies where the name has its "${cut}"`);
  });

  it("works with plain pulumi and kubectl, too", async () => {
    const shell = `eval "$(node cli/stackyard.mjs env dev ${on.join(" ")})"; pulumi preview --expect-no-changes; kubectl get namespace fluxiondb-dora`;
    assert.match(await typed(project.run("bash", ["-euc", shell])), /fluxiondb-dora +Active/);
  });

  it("is taken down again", async () => {
    await typed(project.stackyard("down", "dev", ...on));
  });
});

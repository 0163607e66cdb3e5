import { strict as assert } from "node:assert";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parse, stringify } from "yaml";
import { stackyard } from "../support/stackyard";
import { runStep } from "../support/workflow";

const SANDBOX = `workflow-${process.pid}`;
const REFUSED = `refused-${process.pid}`;

describe("the preview of a pull request", function () {
  this.timeout("15m");
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "stackyard-"));
    symlinkSync(resolve("cli"), join(folder, "cli"));
    const { config } = parse(readFileSync("Pulumi.dev.yaml", "utf8")) as { config: Record<string, unknown> };
    const policy = { rules: { "dotdo-scaling": { values: { max: 5 } } } };
    writeFileSync(`Pulumi.${REFUSED}.yaml`, stringify({ config: { ...config, "stackyard:policy": policy } }));
  });
  after(async () => {
    await stackyard(["sandbox", "reset", "--sandbox", SANDBOX]);
    rmSync(`Pulumi.${REFUSED}.yaml`, { force: true });
    rmSync(folder, { recursive: true });
  });

  const previewOf = async (stack: string) => {
    const summary = join(folder, "summary");
    const { exitCode, all } = await runStep("preview", 1, folder, { STACK: stack, SANDBOX, GITHUB_STEP_SUMMARY: summary });
    const comment = readFileSync(join(folder, `comment-${stack}.md`), "utf8");
    assert.ok(readFileSync(summary, "utf8").endsWith(comment));
    return { exitCode, all, comment };
  };

  it("says of a stack what would change, and that it may go", async () => {
    const { exitCode, all, comment } = await previewOf("dev");
    assert.equal(exitCode, 0, all);
    assert.match(comment, /^<!-- stackyard preview: dev -->\n### Stack `dev` may go\n/);
    assert.match(comment, /~~~~~~~~diff\n[^]*\+ kubernetes:apps\/v1:Deployment: \(create\)[^]*\d+ to create[^]*~~~~~~~~/);
    assert.ok(comment.length < 65_536);
  });

  it("says of a stack that a rule refuses which, why, and what to type, and fails", async () => {
    const { exitCode, comment } = await previewOf(REFUSED);
    assert.equal(exitCode, 1);
    assert.match(comment, new RegExp(`### Stack \`${REFUSED}\` is refused\n`));
    assert.match(comment, / {4}What to type next:\n {6}npx stackyard policy explain dotdo-scaling\n/);
    assert.match(comment, /dotdo-scaling: HorizontalPodAutoscaler dotdo-dev\/dotdo: spec\.maxReplicas is 100, and has to be at most 5\./);
  });
});

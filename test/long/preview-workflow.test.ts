import { strict as assert } from "node:assert";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { FILE, runStep, workflow } from "../support/workflow";

describe("the workflow of pull requests", function () {
  this.timeout("1m"); // it starts programs
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "stackyard-"))));
  afterEach(() => rmSync(folder, { recursive: true }));
  const jobs = Object.entries(workflow.jobs);

  it("runs what forks send without secrets, and where it may write nothing", () => {
    assert.deepEqual([workflow.on, workflow.permissions], [{ pull_request: null }, {}]);
    assert.ok(!readFileSync(FILE, "utf8").includes("secrets."));
    for (const [name, { permissions, steps }] of jobs) {
      const writes = Object.values(permissions).includes("write");
      assert.equal(writes, name === "comment", name);
      if (writes) assert.ok(!steps.some(({ uses = "" }) => uses.startsWith("actions/checkout")), "what may write runs the request's code");
    }
  });

  it("pins each action to a commit, and names its version", () => {
    const uses = readFileSync(FILE, "utf8")
      .split("\n")
      .filter((line) => line.includes("uses: "));
    assert.ok(uses.length >= 6, `${uses.length} actions`);
    for (const line of uses) assert.match(line, /uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  it("puts no expression into a script, where a branch's name could be a command", () => {
    for (const [name, { steps }] of jobs) for (const { run = "" } of steps) assert.ok(!run.includes("${{"), name);
  });

  it("has every stack in its matrix, with those that have to be up before it", async () => {
    symlinkSync(resolve("cli"), join(folder, "cli"));
    const output = join(folder, "output");
    const { exitCode, all } = await runStep("stacks", 0, folder, { GITHUB_OUTPUT: output });
    assert.equal(exitCode, 0, all);
    const matrix = JSON.parse(readFileSync(output, "utf8").replace(/^matrix=/, "")) as { stack: string; after: string[] }[];
    const stacks = readdirSync(".").flatMap((file) => /^Pulumi\.([\w-]+)\.yaml$/.exec(file)?.[1] ?? []);
    assert.deepEqual(
      matrix.map(({ stack }) => stack),
      stacks.sort(),
    );
    assert.deepEqual(matrix.find(({ stack }) => stack === "fly")?.after, ["prod-platform", "prod"]);
    assert.deepEqual(matrix.find(({ stack }) => stack === "dev")?.after, []);
  });

  it("writes one comment a stack: over its own where there is one, else anew", async () => {
    const bin = join(folder, "bin");
    mkdirSync(bin);
    for (const stack of ["dev", "prod"]) {
      mkdirSync(join(folder, "comments", `comment-${stack}`), { recursive: true });
      writeFileSync(join(folder, "comments", `comment-${stack}`, `comment-${stack}.md`), `<!-- stackyard preview: ${stack} -->\n`);
    }
    const there = [{ id: 7, body: "looks good" }];
    const ours = [{ id: 8, body: "<!-- stackyard preview: dev -->\n### Stack" }];
    writeFileSync(join(folder, "pages"), JSON.stringify([there, ours]));
    writeFileSync(join(bin, "gh"), `#!/bin/sh\necho "$*" >> '${folder}/calls'\ncase "$*" in *--paginate*) cat '${folder}/pages';; esac\n`, {
      mode: 0o755,
    });
    const env = { PATH: `${bin}:${process.env["PATH"]}`, REPOSITORY: "org/repo", NUMBER: "3", RUN: "5" };
    const { exitCode, all } = await runStep("comment", 0, folder, env);
    assert.equal(exitCode, 0, all);
    const calls = readFileSync(join(folder, "calls"), "utf8")
      .split("\n")
      .filter((call) => call.includes("--method"));
    assert.deepEqual(calls, [
      "api --method PATCH repos/org/repo/issues/comments/8 --field body=@comments/comment-dev/comment-dev.md",
      "api --method POST repos/org/repo/issues/3/comments --field body=@comments/comment-prod/comment-prod.md",
    ]);
  });
});

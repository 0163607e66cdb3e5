import type { V1Pod } from "@kubernetes/client-node";
import { strict as assert } from "node:assert";
import { execa } from "execa";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { environmentOf, printed, stackyard, until } from "../support/stackyard";
import { TrialStack, type Config } from "../support/trial-stack";

const page = readFileSync("docs/vultr.md", "utf8");

interface Size {
  readonly nodes: readonly string[];
  readonly config: Config;
}

/** A size of the page: its nodes, and what it has written over the stack's file. */
function sizeOf(name: string): Size {
  const [, nodes, cpu, memory, yaml] =
    new RegExp(`<!-- size: ${name}, (\\d+) nodes of (\\d+) and (\\w+) -->\\n\\n\`\`\`yaml\\n([^]*?)\`\`\``).exec(page) ?? assert.fail(name);
  return { nodes: ["--nodes", nodes ?? "", "--cpu", cpu ?? "", "--memory", memory ?? ""], config: parse(yaml ?? "") as Config };
}

const isMap = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);
const over = (base: unknown, change: unknown): unknown =>
  isMap(base) && isMap(change)
    ? { ...base, ...Object.fromEntries(Object.entries(change).map(([key, value]) => [key, over(base[key], value)])) }
    : change;

describe("Vultr's cluster sizes", function () {
  this.timeout("15m"); // cold, the programs are built first
  const large = `vultr-${process.pid}`;
  const small = `vultr-small-${process.pid}`;
  const folder = mkdtempSync(join(tmpdir(), "stackyard-"));
  let stack: TrialStack | undefined;

  after(async () => {
    stack?.close();
    rmSync(folder, { recursive: true });
    for (const sandbox of [large, small]) await stackyard(["sandbox", "reset", "--sandbox", sandbox]);
  });

  const succeeds = async (...args: string[]) => {
    const run = await stackyard(args);
    assert.equal(run.exitCode, 0, printed(run));
  };
  const everyPodHasANode = async (sandbox: string) => {
    const env = await environmentOf(sandbox, "vultr");
    let left: (string | undefined)[] = [];
    await until("every pod has a node", async () => {
      const { stdout } = await execa("kubectl", ["get", "pods", "--all-namespaces", "--output=json"], { env });
      left = (JSON.parse(stdout) as { items: V1Pod[] }).items.filter(({ spec }) => !spec?.nodeName).map(({ metadata }) => metadata?.name);
      return left.length === 0;
    }).catch(() => assert.deepEqual(left, []));
  };

  it("takes what the page has typed before the first up", async () => {
    await succeeds("sandbox", "start", "--sandbox", large, "--nodes", "5", "--cpu", "4", "--memory", "8Gi");
    const env = await environmentOf(large, "vultr-platform");
    writeFileSync(join(folder, "credentials"), "[default]\n");
    const commands = [...page.matchAll(/^ {4}kubectl (.*)$/gm)].map(([, args = ""]) => args.split(" "));
    assert.equal(commands.length, 3);
    for (const args of commands) await execa("kubectl", args, { env, cwd: folder });
    await succeeds("up", "vultr-platform", "--take-over", "--sandbox", large);
  });

  it("production has room for all four systems", async () => {
    await succeeds("up", "vultr", "--sandbox", large);
    await everyPodHasANode(large);
  });

  it("high availability has room for more pods of each", async () => {
    const { nodes, config } = sizeOf("high availability");
    await succeeds("sandbox", "start", "--sandbox", large, ...nodes);
    stack = await TrialStack.on(large, "vultr");
    stack.write((file) => Object.assign(file, over(file, config)));
    const { exitCode, all } = await stack.pulumi("up", "--yes", "--skip-preview");
    assert.equal(exitCode, 0, all);
    await everyPodHasANode(large);
    stack.close();
  });

  it("development has room for Plinko alone", async () => {
    const { nodes, config } = sizeOf("development");
    await succeeds("sandbox", "start", "--sandbox", small, ...nodes);
    await succeeds("up", "vultr-platform", "--sandbox", small);
    stack = await TrialStack.on(small, "vultr");
    stack.write((file) => {
      for (const key of ["dotdo", "fluxiondb", "plinko", "starter"]) Reflect.deleteProperty(file, `stackyard:${key}`);
      Object.assign(file, config);
    });
    const { exitCode, all } = await stack.pulumi("up", "--yes", "--skip-preview");
    assert.equal(exitCode, 0, all);
    await everyPodHasANode(small);
  });
});

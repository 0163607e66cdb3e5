import type { Command } from "commander";
import { execa } from "execa";
import { strict as assert } from "node:assert";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { program } from "../../cli/program";
import { commandsOf, PAGES, textOf } from "../support/pages";
import { environmentOf, printed, stackyard } from "../support/stackyard";
import { shownShell } from "./shown-shell";

const SANDBOX = `shown-${process.pid}`;

/** What the pages show and is run here, in this order, on a sandbox where `dev` is up. */
const HERE = [
  "verify dev --wait 600",
  "verify dev",
  "verify dev --json",
  "verify dev --junit verify.xml",
  "env",
  "env dev",
  "env <stack>",
  "preview",
  "preview dev",
  "capacity dev",
  "capacity dev --node vultr/high-performance-4c-8gb",
  "capacity --environment vultr",
  "graph dev --output dev.svg",
  "policy list <stack>",
  "policy explain <rule>",
  "policy explain dotdo-scaling",
  "rbac --user jane",
  "rbac --group platform-engineers --service-account ci/deployer",
  "tenants provision user123 --ram 2Gi",
  "tenants upgrade --tag 1.0.4 --wave 10",
  "tenants reconcile",
  "tenants reconcile --drift",
  "tenants reconcile --free-host <host>",
  "tenants list",
  "tenants show user123",
  "tenants show <user>",
];

/** What another test runs, with other values: each of that command's words is in it. */
const ELSEWHERE: Readonly<Record<string, readonly string[]>> = {
  "charts-recovery": ["up --take-over", "up <stack> --take-over"],
  environment: ["up --environment prod", "up --environment prod --cluster my-context", "up --environment staging"],
  environments: ["up <stack>", "up staging", "up dev --cluster my-context", "verify prod --cluster my-context", "verify prod --wait 600"],
  fly: ["up fly", "fly-toml fly", "fly-toml fly --sandbox default"],
  release: [
    "release starter <stack> --list",
    "release starter prod --cluster my-context --list",
    "release starter prod --cluster my-context --tag 1.5.0",
  ],
  rollback: [
    "rollback <stack>",
    "rollback dev",
    "rollback <stack> dotdo",
    "rollback <stack> fluxiondb",
    "rollback <stack> plinko",
    "rollback <stack> starter",
    "up <stack> --set stackyard:dotdo.image.tag=<tag before>",
  ],
  starter: ["up prod --cluster my-context --set stackyard:starter.api.image=ghcr.io/org/starter-api:1.3.0"],
  "main-job": ["up", "down", "sandbox reset"],
  tenants: [
    "tenants resize user123 --ram 4Gi",
    "tenants suspend user123",
    "tenants resume user123",
    "tenants rotate-key user123",
    "tenants backup user123",
    "tenants restore user123 --backup <id>",
    "tenants delete user123 --grace-days 7",
  ],
  "tenants-fleet": ["tenants export <file>", "tenants import <file>", "tenants adopt user123 --ram 2Gi --no-wait"],
  "tenants-http": ["tenants serve", "tenants token create console"],
  vultr: ["sandbox start --nodes 5 --cpu 4 --memory 8Gi", "up vultr-platform --cluster <context> --take-over"],
};

/** The command of a line, and those that it is in, from the outside in. */
function pathOf(line: string): Command[] {
  const path: Command[] = [];
  for (const word of line.split(" ")) {
    const inner = (path.at(-1) ?? program).commands.find((one) => one.name() === word);
    if (inner === undefined) break;
    path.push(inner);
  }
  return path;
}

/** Names of commands and options in a line; how a cluster is named is the same for all of them. */
const wordsOf = (line: string): string[] => [
  ...pathOf(line).map((command) => command.name()),
  ...line.split(" ").filter((word) => word.startsWith("--") && word !== "--cluster"),
];

describe("the commands that the pages show", function () {
  this.timeout("20m"); // the first run builds the programs
  const shown = [...new Set(PAGES.flatMap(commandsOf))].sort();
  let folder: string;
  let up: Awaited<ReturnType<typeof stackyard>>;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "stackyard-"));
    up = await stackyard(["up", "dev", "--sandbox", SANDBOX]);
    assert.equal(up.exitCode, 0, printed(up));
  });
  after(async () => {
    await stackyard(["sandbox", "reset", "--sandbox", SANDBOX]);
    rmSync(folder, { recursive: true, force: true });
  });

  it("are all known, as run here or by another test, and nothing else is", () => {
    assert.deepEqual([...HERE, ...Object.values(ELSEWHERE).flat()].sort(), shown);
  });

  it("are the same after `npm run` as after `npx stackyard`", () => {
    const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { scripts: Record<string, string> };
    for (const name of ["up", "preview", "down"]) assert.equal(scripts[name], `node cli/stackyard.mjs ${name}`);
  });

  it("print, of the main job, what the README says", () => {
    const [, block = ""] = /<!-- the end of what `npm run up` prints -->\n\n((?: {4}.*\n|\n)+)/.exec(textOf("README.md")) ?? [];
    const whole = block.split("\n").filter((line) => !/[{}…]/.test(line));
    const parts = [...block.matchAll(/"[^"…]*"/g)].map(([text]) => text);
    const output = stripVTControlCharacters(printed(up)).replaceAll(` --sandbox ${SANDBOX}`, "");
    assert.ok(whole.length > 3 && parts.length > 10, block);
    assert.deepEqual(
      [...whole, ...parts].filter((text) => !output.includes(text.trim())),
      [],
      output,
    );
  });

  for (const [test, lines] of Object.entries(ELSEWHERE)) {
    it(`have each of their words in ${test}.test.ts: ${lines.join(", ")}`, () => {
      const text = readFileSync(join(__dirname, `${test}.test.ts`), "utf8");
      for (const line of lines) {
        const missing = wordsOf(line).filter((word) => !new RegExp(`["'\`\\s]${word}["'\`\\s,=]`).test(text));
        assert.deepEqual(missing, [], line);
      }
    });
  }

  const given = (word: string) =>
    ({
      "<stack>": "dev",
      "<rule>": "fluxiondb-internal",
      "<host>": "a-machine-that-is-gone",
      "<user>": "user123",
      "dev.svg": join(folder, "dev.svg"),
      "verify.xml": join(folder, "verify.xml"),
    })[word] ?? word;
  /** What a line is given here beside what it shows. */
  const more = (line: string): string[] => {
    if (line === "capacity --environment vultr") return ["--charts", "sandbox"]; // those of the makers are out of reach
    return pathOf(line).some(({ options }) => options.some(({ long }) => long === "--sandbox")) ? ["--sandbox", SANDBOX] : [];
  };
  for (const line of HERE) {
    it(`npx stackyard ${line}`, async () => {
      const key = line.startsWith("tenants provision") ? ({ stdin: "pipe", input: "the-key-of-user123-in-a-test\n" } as const) : {};
      const run = await stackyard([...line.split(" ").map(given), ...more(line)], key);
      assert.equal(run.exitCode, 0, printed(run));
    });
  }

  it("write the files that they name", () => {
    assert.match(readFileSync(join(folder, "dev.svg"), "utf8"), /^<svg|^<\?xml/);
    assert.match(readFileSync(join(folder, "verify.xml"), "utf8"), /<testsuites name="stackyard verify dev"/);
  });

  describe("to a shell", () => shownShell(SANDBOX));

  it("PULUMI_OPTION_DEBUG=true pulumi preview", async () => {
    const env = await environmentOf(SANDBOX);
    const notes = async (flags: readonly string[], more: Readonly<Record<string, string>>) => {
      const { stdout } = await execa("pulumi", ["preview", "--non-interactive", ...flags], { env: { ...env, ...more } });
      return (stdout.match(/Registering resource: t=kubernetes:/g) ?? []).length;
    };
    assert.ok((await notes([], { PULUMI_OPTION_DEBUG: "true" })) > 50);
    assert.equal(await notes(["--debug"], {}), 0);
  });
});

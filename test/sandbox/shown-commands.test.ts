import { execa } from "execa";
import { strict as assert } from "node:assert";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { textOf } from "../support/pages";
import { HERE, pathOf } from "../support/shown-commands";
import { environmentOf, printed, stackyard } from "../support/stackyard";
import { shownShell } from "./shown-shell";

const SANDBOX = `shown-${process.pid}`;

describe("the commands that the pages show", function () {
  this.timeout("20m"); // the first run builds the programs
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

import { strict as assert } from "node:assert";
import { execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { modules, pathOf, toolchainOf } from "../../sandbox/toolchain";
import { moduleFolder } from "../../sandbox/toolchain/go";
import type { Recipe } from "../../sandbox/toolchain/recipes";
import { suits } from "../../sandbox/toolchain/search";

const PARTS = ["left", "right"] as const;
const recipes = {
  alone: { folder: "tiny", package: "./alone", minimum: "1.2.0", ask: ["version"] },
  left: { folder: "tiny", package: "./alone", minimum: "1.2.0", ask: ["version"], kit: PARTS },
  right: { folder: "tiny", package: "./alone", minimum: "1.2.0", kit: PARTS },
} satisfies Record<string, Recipe>;

describe("sandbox/toolchain", function () {
  this.timeout(60_000);
  let home: string;
  let bin: string;
  const before = new Map(["PATH", "STACKYARD_CACHE", "GOFLAGS", "GOCACHE"].map((name) => [name, process.env[name]]));

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "stackyard-toolchain-"));
    bin = join(home, "bin");
    mkdirSync(bin);
    mkdirSync(join(home, "tiny/alone"), { recursive: true });
    writeFileSync(join(home, "tiny/go.mod"), "module stackyard.dev/tiny\n\ngo 1.26\n");
    writeFileSync(join(home, "tiny/go.sum"), "");
    writeFileSync(join(home, "tiny/alone/main.go"), 'package main\n\nfunc main() { println("built") }\n');
    process.env.STACKYARD_CACHE = join(home, "cache");
  });
  afterEach(() => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    rmSync(home, { recursive: true, force: true });
  });

  const toolchain = (path = bin) => toolchainOf(recipes, (folder) => join(home, folder), path);
  const script = (file: string, ...lines: string[]) => {
    writeFileSync(file, ["#!/bin/sh", ...lines, ""].join("\n"));
    chmodSync(file, 0o755);
    return file;
  };
  const install = (program: string, version: string, folder = bin) =>
    script(join(folder, program), `echo "${program} version v${version}"`);
  /** Another run of the same `ensure`, as a process group of its own. */
  const run = (env: NodeJS.ProcessEnv = {}) => {
    const code = `
      const { toolchainOf } = require("./sandbox/toolchain");
      const { join } = require("node:path");
      const { recipes, home } = JSON.parse(process.argv[1]);
      toolchainOf(recipes, (folder) => join(home, folder), "").ensure(["alone"], console.log);`;
    const child = spawn(process.execPath, ["--import", "tsx", "-e", code, JSON.stringify({ recipes, home })], {
      env: { ...process.env, ...env },
      detached: true,
      stdio: ["ignore", "pipe", "inherit"],
    });
    let said = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
    const ended = new Promise<string>((resolve) => child.once("close", () => resolve(said)));
    return { ended, kill: () => process.kill(-(child.pid ?? assert.fail("it did not start")), "SIGKILL") };
  };
  /** Environment in which a build never ends, and the file that tells that it has begun. */
  const endless = () => {
    const begun = join(home, "begun");
    const tool = script(join(home, "tool"), 'case "$*" in *-V=full*) exec "$@" ;; esac', `touch ${begun}`, "sleep 1000");
    return { env: { GOFLAGS: `-toolexec=${tool}`, GOCACHE: join(home, "gocache") }, begun };
  };
  const exists = async (file: string) => {
    while (!existsSync(file)) await setTimeout(20);
  };

  it("builds what is missing, says how far it is, and does not build it again", async () => {
    const said: string[] = [];
    assert.equal(await toolchain().locate("alone"), undefined);
    const { alone } = await toolchain().ensure(["alone"], (line) => said.push(line));
    assert.match(said.join(), /^alone: building \(1 of 1\),alone: built in \d+ s \(1 of 1\)$/);
    assert.equal(alone.source, "cache");
    execFileSync(alone.path);
    said.length = 0;
    assert.deepEqual(await toolchain().ensure(["alone"], (line) => said.push(line)), { alone });
    assert.deepEqual(said, []);
    assert.deepEqual(pathOf([alone]), [join(alone.path, "..")]);
  });

  it("runs a program through its launcher, with what the launcher gives it", async () => {
    writeFileSync(
      join(home, "tiny/alone/main.go"),
      'package main\n\nimport "os"\n\nfunc main() { os.Stdout.WriteString(os.Args[1] + os.Args[2]) }\n',
    );
    const launched = { ...recipes.alone, launcher: '#!/bin/sh\nexec "$0.bin" --more "$@"\n' };
    const { ensure } = toolchainOf({ alone: launched }, (folder) => join(home, folder), bin);
    const { alone } = await ensure(["alone"], () => {});
    assert.equal(execFileSync(alone.path, ["given"], { encoding: "utf8" }), "--moregiven");
    const moved = join(home, "moved");
    renameSync(dirname(alone.path), moved); // as a cache that a machine is handed, under the home of another user
    assert.equal(execFileSync(join(moved, "alone"), ["given"], { encoding: "utf8" }), "--moregiven");
  });

  it("builds again from other modules", async () => {
    const { alone } = await toolchain().ensure(["alone"], () => {});
    writeFileSync(join(home, "tiny/go.mod"), "module stackyard.dev/other\n\ngo 1.26\n");
    assert.notEqual((await toolchain().ensure(["alone"], () => {})).alone.path, alone.path);
  });

  it("takes nothing for finished whose build was killed", async () => {
    const { env, begun } = endless();
    const killed = run(env);
    await exists(begun);
    killed.kill();
    await killed.ended;
    assert.ok(readdirSync(join(home, "cache/tools")).some((left) => left.endsWith(".unfinished")));
    assert.equal(await toolchain().locate("alone"), undefined);

    const { alone } = await toolchain().ensure(["alone"], () => {});
    execFileSync(alone.path);
    assert.equal(readdirSync(join(home, "cache/tools")).length, 1);
  });

  it("ends a build that is interrupted", async () => {
    const { env, begun } = endless();
    Object.assign(process.env, env);
    const interrupt = new AbortController();
    const building = toolchain().ensure(["alone"], () => {}, interrupt.signal);
    await exists(begun);
    interrupt.abort();
    await assert.rejects(building, { name: "AbortError" });
    assert.deepEqual(readdirSync(join(home, "cache/tools")), []);
    for (const pid of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
      const command = existsSync(`/proc/${pid}/cmdline`) ? readFileSync(`/proc/${pid}/cmdline`, "utf8") : "";
      if (command.includes(`${home}/tool`)) process.kill(Number(pid), "SIGKILL");
    }
  });

  it("lets two runs at once build a program once", async () => {
    const said = await Promise.all([run().ended, run().ended]);
    assert.equal(said.join().match(/built in/g)?.length, 1, said.join("\n"));
    assert.ok(await toolchain().locate("alone"));
  });

  it("takes a program of PATH that is new enough, and no other", async () => {
    for (const [version, taken] of [
      ["1.2.0", true],
      ["1.11.3-rc.1", true],
      ["1.1.9", false],
      ["2.0.0", false],
    ] as const) {
      install("alone", version);
      const found = await toolchain().locate("alone");
      assert.equal(found?.source, taken ? "PATH" : undefined, version);
      if (taken) assert.equal(found?.path, join(bin, "alone"));
    }
    assert.equal((await toolchain().ensure(["alone"], () => {})).alone.source, "cache");
  });

  it("takes a kit from one folder of PATH or not at all", async () => {
    install("left", "1.3.0");
    const { left, right } = (await toolchain().ensure(["left"], () => {})) as Record<string, { source: string }>;
    assert.deepEqual([left?.source, right?.source], ["cache", "cache"]);
    const other = join(home, "other");
    mkdirSync(other);
    install("right", "1.3.0", other);
    assert.equal((await toolchain(`${bin}:${other}`).locate("right"))?.source, "cache");
    install("right", "1.3.0");
    assert.deepEqual(await toolchain().locate("right"), { program: "right", path: join(bin, "right"), version: "1.3.0", source: "PATH" });
  });

  it("says what to do where Go is missing or too old", async () => {
    process.env.PATH = bin;
    await assert.rejects(
      toolchain().ensure(["alone"], () => {}),
      /^Error: go is not on PATH: install Go 1\.26 or newer/,
    );
    script(join(bin, "go"), "echo go1.25.3");
    await assert.rejects(
      toolchain().ensure(["alone"], () => {}),
      /^Error: go1\.25\.3 is too old.*install Go 1\.26 or newer/,
    );
  });

  it("says what Go said where a build fails, and leaves nothing", async () => {
    writeFileSync(join(home, "tiny/alone/main.go"), "package main\n\nfunc main() { missing() }\n");
    await assert.rejects(
      toolchain().ensure(["alone"], () => {}),
      /undefined: missing/,
    );
    assert.deepEqual(readdirSync(join(home, "cache/tools")), []);
  });

  it("takes no module that is another one than our go.sum knows", async () => {
    cpSync(modules("crds"), join(home, "crds"), { recursive: true });
    const sums = readFileSync(join(home, "crds/go.sum"), "utf8");
    writeFileSync(join(home, "crds/go.sum"), sums.replace(/(gateway-api v\S+ h1:).{8}/, "$1AAAAAAAA"));
    await assert.rejects(moduleFolder(join(home, "crds"), "sigs.k8s.io/gateway-api"), /checksum mismatch/);
    await moduleFolder(join(home, "crds"), "github.com/cert-manager/cert-manager");
  });

  for (const [version, minimum, does] of [
    ["3.220.0", "3.220.0", true],
    ["3.219.9", "3.220.0", false],
    ["4.0.0", "3.220.0", false],
    ["0.8.3", "0.8.0", true],
    ["0.9.0", "0.8.0", false],
  ] as const) {
    it(`${does ? "takes" : "refuses"} ${version} where ${minimum} is the oldest`, () => assert.equal(suits(version, minimum), does));
  }
});

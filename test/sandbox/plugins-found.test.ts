import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { version } from "@pulumi/random/package.json";

const { load } = require("../../runtime/build.cjs") as { load: (entry: string) => unknown };
const { ensurePlugins, locatePlugins } = load("sandbox/plugins/index.ts") as typeof import("../../sandbox/plugins");

describe("the plugins that a run takes", () => {
  const before = { ...process.env };
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "stackyard-plugins-"));
    Object.assign(process.env, { PULUMI_HOME: folder, STACKYARD_CACHE: folder });
  });
  afterEach(() => {
    process.env = { ...before };
    rmSync(folder, { recursive: true });
  });

  const put = (path: string, text: string, mode = 0o755) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text, { mode });
    return join(folder, path);
  };
  const random = async () => (await locatePlugins()).find(({ name }) => name === "random");

  it("are the official ones of Pulumi's home", async () => {
    const path = put(`plugins/resource-random-v${version}/pulumi-resource-random`, "");
    assert.deepEqual(await random(), { name: "random", version, source: "official", path });
  });

  it("are the official ones of PATH", async () => {
    const path = put("bin/pulumi-resource-random", "");
    process.env.PATH = `${dirname(path)}:${before.PATH}`;
    assert.deepEqual(await random(), { name: "random", version, source: "official", path });
  });

  it("are not official ones of another version", async () => {
    put("plugins/resource-random-v1.0.0/pulumi-resource-random", "");
    assert.equal((await random())?.source, "stand-in");
  });

  it("are stand-ins where no official one could be had lately, without another try", async () => {
    for (const { name, version } of await locatePlugins()) put(`plugins/${name}-${version}.failed`, "", 0o644);
    const said: string[] = [];
    const plugins = await ensurePlugins((progress) => said.push(progress));
    assert.deepEqual(
      plugins.map(({ name, source }) => `${name} ${source}`),
      ["kubernetes stand-in", "random stand-in", "kubernetes-cert-manager stand-in"],
    );
    assert.deepEqual(said, []);
  });
});

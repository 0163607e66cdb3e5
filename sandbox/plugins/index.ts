import { chmod, mkdir, rename, stat, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { cacheDir, checkout } from "../paths";
import { ensure } from "../toolchain";
import { folderOf, runs } from "../toolchain/search";

export interface Plugin {
  readonly name: string;
  /** That of the npm package, which the engine asks for. */
  readonly version: string;
  readonly source: "official" | "stand-in";
  /** The executable; undefined where there is none (yet). */
  readonly path?: string;
}

const NAMES = ["kubernetes", "random", "kubernetes-cert-manager"];
/** Milliseconds for which a download that failed is not tried again. */
const REST = 24 * 60 * 60 * 1000;
/** Milliseconds that a download is given. */
const DOWNLOAD = 5 * 60 * 1000;

const require = createRequire(join(checkout(), "package.json"));
/** Pulumi's home as the engine sees it where there are stand-ins: in the user's own they would pass for official ones. */
const home = join(checkout(), "node_modules", ".cache", "stackyard", "pulumi-home");
/** The user's own, also where our exports are in force. */
const theirs = () => (process.env.PULUMI_HOME === home ? undefined : process.env.PULUMI_HOME) ?? join(homedir(), ".pulumi");

type Wanted = Pick<Plugin, "name" | "version">;
const versionOf = (name: string) => (require(`@pulumi/${name}/package.json`) as { version: string }).version.replace(/^v/, "");
const wanted = (): Wanted[] => NAMES.map((name) => ({ name, version: versionOf(name) }));
const executable = ({ name }: Wanted) => `pulumi-resource-${name}`;
const pathIn = (place: string, plugin: Wanted) => join(place, "plugins", `resource-${plugin.name}-v${plugin.version}`, executable(plugin));

async function official(plugin: Wanted): Promise<Plugin | undefined> {
  const folder = await folderOf(executable(plugin), process.env.PATH ?? "");
  const path = folder ? join(folder, executable(plugin)) : pathIn(theirs(), plugin);
  return (await runs(path)) ? { ...plugin, source: "official", path } : undefined;
}

async function standIn(plugin: Wanted): Promise<Plugin> {
  const path = pathIn(home, plugin);
  return { ...plugin, source: "stand-in", path: (await runs(path)) ? path : undefined };
}

/** What there is now, without getting anything. */
export const locatePlugins = (): Promise<Plugin[]> =>
  Promise.all(wanted().map(async (plugin) => (await official(plugin)) ?? standIn(plugin)));

/**
 * Gets the plugins that the program needs: the official one where it is installed or can be, else the stand-in, made anew
 * from the tree. A download that failed is tried again after a day, or when its file in the cache folder is deleted.
 */
export async function ensurePlugins(say: (progress: string) => void): Promise<Plugin[]> {
  const plugins = await Promise.all(
    wanted().map(async (plugin) => (await official(plugin)) ?? (await download(plugin, say)) ?? (await build(plugin))),
  );
  await Promise.all(plugins.filter(({ source }) => source === "official").map(share));
  return plugins;
}

/** What the engine needs in its environment to find these plugins. Those on PATH it finds anyway, but warns of each in every run. */
export const pluginEnvironment = (plugins: readonly Plugin[]): Record<string, string> =>
  plugins.some(({ source }) => source === "stand-in") ? { PULUMI_HOME: home } : {};

async function download(plugin: Wanted, say: (progress: string) => void): Promise<Plugin | undefined> {
  const failure = join(cacheDir(), "plugins", `${plugin.name}-${plugin.version}.failed`);
  const last = await stat(failure).catch(() => undefined);
  if (last && Date.now() - last.mtimeMs < REST) return undefined;
  say(`pulumi plugin install resource ${plugin.name} ${plugin.version}`);
  const { pulumi } = await ensure(["pulumi"], say);
  const env = { PULUMI_HOME: theirs(), PULUMI_SKIP_UPDATE_CHECK: "true" };
  const install = ["plugin", "install", "resource", plugin.name, plugin.version];
  const run = execa(pulumi.path, install, { all: true, env, reject: false, timeout: DOWNLOAD });
  // without a network, the three tries that are left take ten seconds
  run.all.on("data", (text: Buffer) => void (text.includes("[2/5]") && run.kill()));
  if (!(await run).failed) return official(plugin);
  await put(failure, "", 0o644);
  return undefined;
}

async function put(file: string, text: string, mode: number) {
  await mkdir(dirname(file), { recursive: true });
  const unfinished = `${file}.${process.pid}`;
  await writeFile(unfinished, text);
  await chmod(unfinished, mode);
  await rename(unfinished, file);
}

async function build(plugin: Wanted): Promise<Plugin> {
  const { build: compile } = require("./runtime/build.cjs") as { build: (entry: string) => string };
  const compiled = compile(`sandbox/plugins/${plugin.name}/main.ts`);
  const path = pathIn(home, plugin);
  await put(path, `#!/bin/sh\nexec "${process.execPath}" "${compiled}" "$@"\n`, 0o755);
  return { ...plugin, source: "stand-in", path };
}

/** Lets the engine find an official plugin where it looks for the stand-ins; it looks into no folder that is a link. */
async function share({ path = "", ...plugin }: Plugin) {
  const there = pathIn(home, plugin);
  await mkdir(dirname(there), { recursive: true });
  const unfinished = `${there}.${process.pid}`;
  await symlink(path, unfinished);
  await rename(unfinished, there);
}

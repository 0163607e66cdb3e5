import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { chmod, copyFile, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { cacheDir, checkout } from "../paths";
import { build, checkGo, moduleFolder, required } from "./go";
import { once } from "./once";
import { RECIPES, type Program, type Recipe } from "./recipes";
import { folderOf, runs, suits, versionOf } from "./search";

export type { Program };
export type Say = (progress: string) => void;

export interface Found<P extends string = Program> {
  readonly program: P;
  readonly path: string;
  /** Without a "v". */
  readonly version: string;
  readonly source: "PATH" | "cache";
}

const OF_TESTS: readonly Program[] = ["pulumi-resource-kubernetes", "promtool"];

/** What people and the sandbox need, and not a test alone. */
export const PROGRAMS: readonly Program[] = (Object.keys(RECIPES) as Program[]).filter((program) => !OF_TESTS.includes(program));

/** Folder of the go.mod and go.sum of that name. */
export const modules = (folder: string): string => join(checkout(), "sandbox", "toolchain", folder);

/** Folder in the cache for what is made of module folders in a certain way: other content, other folder. */
export function cachePath(name: string, from: readonly string[], how: unknown): string {
  const files = from.flatMap((folder) => ["go.mod", "go.sum"].map((file) => readFileSync(join(folder, file), "utf8")));
  const content = JSON.stringify([how, ...files]);
  return join(cacheDir(), "tools", `${name}-${createHash("sha256").update(content).digest("hex").slice(0, 12)}`);
}

/**
 * A toolchain over a table of recipes: ours, or a test's own.
 *
 * @param folder absolute folder of the modules of one recipe
 * @param path where installed programs are looked for. @default $PATH
 */
export function toolchainOf<P extends string>(
  recipes: Readonly<Record<P, Recipe>>,
  folder: (name: string) => string,
  path = process.env.PATH ?? "",
) {
  const kitOf = (program: P): readonly P[] => (recipes[program].kit as readonly P[] | undefined) ?? [program];
  const asked = new Map<P, Promise<Found<P>[] | undefined>>();

  /** The kit that a program belongs to, where PATH has all of it in one folder, new enough and of one version. */
  function installed(program: P): Promise<Found<P>[] | undefined> {
    const kit = kitOf(program);
    const first = kit[0] ?? program;
    const known = asked.get(first) ?? search(kit);
    asked.set(first, known);
    return known;
  }

  async function search(kit: readonly P[]): Promise<Found<P>[] | undefined> {
    const places = await Promise.all(kit.map((program) => folderOf(program, path)));
    const place = places[0];
    if (!place || places.some((other) => other !== place)) return undefined;
    const speaking = kit.filter((program) => recipes[program].ask);
    const versions = new Set(await Promise.all(speaking.map((program) => versionOf(join(place, program), recipes[program].ask ?? []))));
    const [version] = versions;
    if (!version || versions.size > 1 || !suits(version, recipes[kit[0]!].minimum)) return undefined;
    return kit.map((program) => ({ program, path: join(place, program), version, source: "PATH" }));
  }

  /**
   * Where the cache has, or will have, what the recipes make of these modules on this kind of machine. A kit lies in one folder:
   * the engine warns of a language host that is not beside it.
   */
  function cached(program: P): Found<P> {
    const kit = kitOf(program).map((member) => recipes[member]);
    const how = kit.map(({ package: main, ldflags, beside, tags, launcher }) => [
      main,
      ldflags,
      beside,
      ...(tags ? [tags] : []),
      ...(launcher ? [launcher] : []),
    ]);
    const folders = kit.map((recipe) => folder(recipe.folder));
    const target = cachePath(kitOf(program)[0] ?? program, folders, [how, process.platform, process.arch]);
    const { folder: own, package: main } = recipes[program];
    return { program, path: join(target, program), version: required(folder(own), main), source: "cache" };
  }

  /** Finds a program without making it: on PATH where that one will do, else in the cache. */
  async function locate(program: P): Promise<Found<P> | undefined> {
    const found = (await installed(program))?.find((found) => found.program === program) ?? cached(program);
    return (await runs(found.path)) ? found : undefined;
  }

  /**
   * Finds programs, and builds into the cache what is missing, one after the other in the order given (the compilers use all processors).
   * With a program comes the rest of its kit.
   *
   * @param say told what is being built, how far it is and how long it took
   * @throws Error where Go is missing or too old, or a build fails, with what to do or what Go said
   */
  async function ensure<Q extends P>(programs: readonly Q[], say: Say, signal?: AbortSignal): Promise<Record<Q, Found<P>>> {
    const wanted = [...new Set(programs.flatMap(kitOf))];
    const found = new Map(await Promise.all(wanted.map(async (program) => [program, await locate(program)] as const)));
    const missing = wanted.filter((program) => !found.get(program));
    if (missing.length > 0) await checkGo();
    const far = (program: P) => `(${missing.indexOf(program) + 1} of ${missing.length})`;
    for (const program of missing) {
      const make = async (unfinished: string) => {
        for (const member of kitOf(program)) {
          const started = Date.now();
          say(`${member}: building ${far(member)}`);
          await makeProgram(recipes[member], cached(member), unfinished, signal);
          say(`${member}: built in ${Math.round((Date.now() - started) / 1000)} s ${far(member)}`);
        }
      };
      const target = cached(program);
      await once(dirname(target.path), make, () => say(`${program}: waiting for another run that builds it ${far(program)}`), signal);
      found.set(program, target);
    }
    return Object.fromEntries(found) as Record<Q, Found<P>>;
  }

  async function makeProgram(
    { package: main, ldflags = [], tags = [], launcher, beside, ...recipe }: Recipe,
    { program, version }: Found<P>,
    unfinished: string,
    signal?: AbortSignal,
  ) {
    const from = folder(recipe.folder);
    if (!existsSync(join(from, "go.sum"))) throw new Error(`${program} cannot be built: there is no ${join(from, "go.sum")}`);
    const [MAJOR = "", MINOR = ""] = version.split(".");
    const values: Record<string, string> = { VERSION: `v${version}`, MAJOR, MINOR };
    const flags = ["-s", "-w", ...ldflags].join(" ").replace(/VERSION|MAJOR|MINOR/g, (name) => values[name] ?? name);
    await build(from, main, { ldflags: flags, tags }, join(unfinished, launcher ? `${program}.bin` : program), signal);
    if (launcher) await writeFile(join(unfinished, program), launcher, { mode: 0o755 });
    if (!beside) return;
    const there = await moduleFolder(from, beside.module, signal);
    for (const file of beside.files) {
      const script = join(unfinished, basename(file));
      await copyFile(join(there, file), script);
      await chmod(script, 0o755);
    }
  }

  return { locate, ensure };
}

export const { locate, ensure } = toolchainOf(RECIPES, modules);

/** Folders to put in front of PATH, so that these programs are the ones that are found: those of PATH are found anyway. */
export const pathOf = (found: readonly Found<string>[]): string[] => [
  ...new Set(found.filter(({ source }) => source === "cache").map(({ path }) => dirname(path))),
];

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import envPaths from "env-paths";

const run = promisify(execFile);

export interface Program {
  readonly path: string;
  /** Folders of the shared libraries that came with it, as `LD_LIBRARY_PATH` has them. */
  readonly libraries?: string;
}

/** Path of a program on PATH, if it is there. */
export function onPath(name: string): string | undefined {
  const folder = (process.env["PATH"] ?? "").split(":").find((folder) => existsSync(join(folder, name)));
  return folder === undefined ? undefined : join(folder, name);
}

/**
 * A real program, from PATH or from Debian's packages, unpacked into the cache: nothing is installed.
 *
 * @param name of the program and of its package
 * @param path of the program in the package
 * @param libraries which of the packages that it depends on are unpacked with it
 */
export async function fromDebian(name: string, path: string, libraries?: RegExp): Promise<Program> {
  const there = onPath(name);
  if (there !== undefined) return { path: there };
  const folder = await unpacked(name, libraries);
  return { path: join(folder, path), ...(libraries && { libraries: await librariesIn(folder) }) };
}

/**
 * The folder of the cache with a package of Debian's.
 *
 * @param needed which of the packages that it depends on, and those depend on, are unpacked with it
 */
export async function unpacked(name: string, needed?: RegExp): Promise<string> {
  const cache = process.env["STACKYARD_CACHE"] ?? envPaths("stackyard", { suffix: "" }).cache;
  const folder = join(cache, `${name}-debian-${process.arch}`);
  if (!existsSync(folder)) await unpack(name, cache, folder, needed);
  return folder;
}

/** Folders of the shared libraries of unpacked packages. */
export async function librariesIn(folder: string): Promise<string> {
  const found = ["lib", "usr/lib"].map(async (lib) => {
    const names = await readdir(join(folder, lib)).catch(() => []);
    return names.filter((name) => name.endsWith("-linux-gnu")).map((triplet) => join(folder, lib, triplet));
  });
  return (await Promise.all(found)).flat().join(":");
}

const DEPENDS = [
  "depends",
  "--recurse",
  "--no-recommends",
  "--no-suggests",
  "--no-conflicts",
  "--no-breaks",
  "--no-replaces",
  "--no-enhances",
];

async function unpack(name: string, cache: string, folder: string, needed?: RegExp): Promise<void> {
  await mkdir(cache, { recursive: true });
  const work = await mkdtemp(join(cache, `${name}-`));
  const root = join(work, "root");
  const lists = join(work, "lists");
  await mkdir(join(lists, "partial"), { recursive: true });
  // lists of our own where the system has none, which also works for who is not root
  const own = ["-o", `Dir::State::lists=${lists}`, "-o", `Dir::Cache=${work}`, "-o", "APT::Sandbox::User="];
  const download = async (options: string[]) => {
    const { stdout } = await run("apt-cache", [...options, ...DEPENDS, name]);
    const others = stdout.split("\n").filter((line) => line !== name && /^\S/.test(line) && needed?.test(line));
    await run("apt-get", [...options, "download", name, ...others], { cwd: work });
  };
  try {
    await download(own.slice(-2)).catch(async () => {
      await run("apt-get", [...own, "update"]);
      await download(own);
    });
    for (const file of (await readdir(work)).filter((name) => name.endsWith(".deb"))) await run("dpkg", ["-x", join(work, file), root]);
    await rename(root, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error; // else another run was first
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

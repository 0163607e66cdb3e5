import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import envPaths from "env-paths";

const run = promisify(execFile);

export interface Program {
  readonly path: string;
  /** Folder of the shared libraries that came with it. */
  readonly libraries?: string;
}

/**
 * A real program, from PATH or from Debian's packages, unpacked into the cache: nothing is installed.
 *
 * @param name of the program and of its package
 * @param path of the program in the package
 * @param libraries which of the packages that it depends on are unpacked with it
 */
export async function fromDebian(name: string, path: string, libraries?: RegExp): Promise<Program> {
  const onPath = (process.env["PATH"] ?? "").split(":").find((folder) => existsSync(join(folder, name)));
  if (onPath !== undefined) return { path: join(onPath, name) };

  const cache = process.env["STACKYARD_CACHE"] ?? envPaths("stackyard", { suffix: "" }).cache;
  const folder = join(cache, `${name}-debian-${process.arch}`);
  if (!existsSync(folder)) await unpack(name, cache, folder, libraries);
  if (libraries === undefined) return { path: join(folder, path) };
  const [triplet] = (await readdir(join(folder, "usr/lib"))).filter((name) => name.endsWith("-linux-gnu"));
  return { path: join(folder, path), libraries: join(folder, "usr/lib", triplet ?? "") };
}

async function unpack(name: string, cache: string, folder: string, libraries?: RegExp): Promise<void> {
  await mkdir(cache, { recursive: true });
  const work = await mkdtemp(join(cache, `${name}-`));
  const root = join(work, "root");
  const lists = join(work, "lists");
  await mkdir(join(lists, "partial"), { recursive: true });
  // lists of our own where the system has none, which also works for who is not root
  const own = ["-o", `Dir::State::lists=${lists}`, "-o", `Dir::Cache=${work}`, "-o", "APT::Sandbox::User="];
  const download = async (options: string[]) => {
    const { stdout } = await run("apt-cache", [...options, "depends", name]);
    const needed = [...stdout.matchAll(/Depends: (\S+)/g)].map(([, name = ""]) => name).filter((name) => libraries?.test(name));
    await run("apt-get", [...options, "download", name, ...needed], { cwd: work });
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

import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { check, lock } from "proper-lockfile";

const UNFINISHED = ".unfinished";
// compromised: this machine slept for longer than a lock lives; at worst the same thing is then made twice
const options = { realpath: false, stale: 5000, onCompromised: () => {} };

/** Takes the lock on a path, which need not exist, as soon as no other process has it; returns what gives it back. */
export async function locked(path: string, waiting: () => void, signal?: AbortSignal): Promise<() => Promise<void>> {
  await mkdir(dirname(path), { recursive: true });
  for (let told = false; ; told = true) {
    try {
      return await lock(path, options);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ELOCKED") throw error;
    }
    if (!told) waiting();
    await setTimeout(200, undefined, { signal });
  }
}

/**
 * Makes a folder once, also where several processes want it at the same time. It is made under another name, so that what died half-way
 * is never taken for finished; the next call beside it removes what was left.
 *
 * @param target the folder; that it exists means that it is finished
 * @param make fills the folder whose path it is given
 * @param waiting told once when another process is making it
 */
export async function once(
  target: string,
  make: (folder: string) => Promise<void>,
  waiting: () => void,
  signal?: AbortSignal,
): Promise<void> {
  if (existsSync(target)) return;
  const unlock = await locked(target, waiting, signal);
  const folder = target + UNFINISHED;
  try {
    if (existsSync(target)) return;
    await sweep(dirname(target));
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder);
    await make(folder);
    await rename(folder, target);
  } finally {
    await rm(folder, { recursive: true, force: true });
    await unlock();
  }
}

async function sweep(parent: string): Promise<void> {
  for (const entry of await readdir(parent)) {
    const target = join(parent, entry.slice(0, -UNFINISHED.length));
    if (entry.endsWith(UNFINISHED) && !(await check(target, options))) await rm(join(parent, entry), { recursive: true, force: true });
  }
}

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { lock } from "proper-lockfile";
import { markOf } from "../../engine/processes";
import { TenantError } from "../errors";

interface Owner {
  readonly pid: number;
  readonly mark?: string;
  readonly command: string;
}

/**
 * Makes this process the one that may open a folder's database: two would destroy it. Who died has it no longer.
 *
 * @returns what gives it back
 * @throws TenantError that names the process that has it
 */
export async function ownFolder(folder: string): Promise<() => void> {
  const file = `${folder}.owner`;
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const unlock = await lock(file, { realpath: false, stale: 5000, retries: { retries: 50, minTimeout: 50, maxTimeout: 200 } });
  try {
    const owner = read(file);
    if (owner?.mark !== undefined && markOf(owner.pid) === owner.mark) throw taken(folder, owner);
    const own: Owner = { pid: process.pid, mark: markOf(process.pid), command: process.argv.slice(2, 4).join(" ") };
    writeFileSync(file, JSON.stringify(own), { mode: 0o600 });
    return () => rmSync(file, { force: true });
  } finally {
    await unlock();
  }
}

const taken = (folder: string, { pid, command }: Owner) =>
  new TenantError("unavailable", `the registry in ${folder} is open in process ${pid} (stackyard ${command})`, {
    remedy: [
      `kill ${pid}   # ends it as ctrl-C does; or wait until it has ended`,
      "export STACKYARD_TENANTS_DATABASE=postgres://…   # a server's registry is open to many at once",
    ],
  });

function read(file: string): Owner | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Owner;
  } catch {
    return undefined; // nobody has it, or its writer died in the middle
  }
}

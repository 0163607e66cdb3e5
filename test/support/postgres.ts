import { execa } from "execa";
import { chmodSync, chownSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Postgres refuses to run as root: then it runs as this user. */
const NOBODY = 65534;
const user = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};

export interface Server {
  readonly url: string;
  readonly restart: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** A real Postgres of its own, reached over a socket in a folder of its own. */
export async function startPostgres(): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), "pg-"));
  chmodSync(folder, 0o755);
  if (user.uid !== undefined) chownSync(folder, user.uid, user.gid);
  const data = join(folder, "data");
  const run = (program: string, ...args: string[]) => execa(program, args, { ...user, cwd: folder, env: { LC_ALL: "C" } });
  await run("initdb", "--pgdata", data, "--username", "tester", "--auth", "trust", "--no-sync");
  const options = `-c listen_addresses='' -c unix_socket_directories=${folder} -c fsync=off`;
  const control = (...args: string[]) => run("pg_ctl", "--pgdata", data, "--wait", "--log", join(folder, "log"), "-o", options, ...args);
  await control("start");
  return {
    url: `postgres://tester@/postgres?host=${encodeURIComponent(folder)}`,
    restart: async () => void (await control("restart", "--mode", "immediate")),
    stop: async () => {
      await control("stop", "--mode", "immediate");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

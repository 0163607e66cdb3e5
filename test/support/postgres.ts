import { execa } from "execa";
import { chmodSync, chownSync, cpSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Client } from "pg";
import { librariesIn, onPath, unpacked } from "./debian";

/** Postgres refuses to run as root: then it runs as this user. */
const NOBODY = 65534;
const user = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};

/** Debian's server, its client, and the libraries that they link to; the compiler of queries is not needed. */
const PACKAGES = /^(postgresql(-client)?-\d+|lib(?!c6$|c-bin$|llvm|perl|gcc|stdc\+\+|debian).*)$/;

export interface Server {
  readonly url: string;
  /** @param away what is waited for while it is stopped */
  readonly restart: (away?: () => Promise<void>) => Promise<void>;
  readonly stop: () => Promise<void>;
  /** Rows that a query answers. */
  readonly query: <Row extends object>(text: string) => Promise<Row[]>;
}

/** A real Postgres of its own, reached over a socket in a folder of its own. */
export async function startPostgres(): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), "pg-"));
  chmodSync(folder, 0o755);
  if (user.uid !== undefined) chownSync(folder, user.uid, user.gid);
  const { bin, env } = await programsFor(folder);
  const data = join(folder, "data");
  const run = (program: string, ...args: string[]) =>
    execa(join(bin, program), args, { ...user, cwd: folder, env: { LC_ALL: "C", ...env } });
  await run("initdb", "--pgdata", data, "--username", "tester", "--auth", "trust", "--no-sync");
  const options = `-c listen_addresses='' -c unix_socket_directories=${folder} -c fsync=off -c jit=off`;
  const control = (...args: string[]) => run("pg_ctl", "--pgdata", data, "--wait", "--log", join(folder, "log"), "-o", options, ...args);
  await control("start");
  const url = `postgres://tester@/postgres?host=${encodeURIComponent(folder)}`;
  return {
    url,
    restart: async (away = async () => {}) => {
      await control("stop", "--mode", "immediate");
      await away();
      await control("start");
    },
    stop: async () => {
      await control("stop", "--mode", "immediate");
      rmSync(folder, { recursive: true, force: true });
    },
    query: async <Row extends object>(text: string) => {
      const client = new Client({ connectionString: url });
      await client.connect();
      try {
        return (await client.query<Row>(text)).rows;
      } finally {
        await client.end();
      }
    },
  };
}

/** The programs on PATH, or Debian's, unpacked: for root in the server's own folder, where the user that it runs as may look. */
async function programsFor(folder: string): Promise<{ bin: string; env?: Record<string, string> }> {
  const there = onPath("initdb");
  if (there !== undefined) return { bin: dirname(there) };
  const cached = await unpacked("postgresql", PACKAGES);
  const root = user.uid === undefined ? cached : join(folder, "programs");
  if (root !== cached) cpSync(cached, root, { recursive: true, verbatimSymlinks: true });
  const [version = ""] = readdirSync(join(root, "usr/lib/postgresql"));
  return { bin: join(root, "usr/lib/postgresql", version, "bin"), env: { LD_LIBRARY_PATH: await librariesIn(root) } };
}

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import { Agent, request } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fromDebian } from "./debian";

/** What nginx links to beside the C library, which is older than any of these packages. */
const LIBRARIES = /^(libcrypt1|libpcre2-8-0|libssl\d\S*|zlib1g)$/;

export interface Reply {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: string;
  readonly bytes: Buffer;
}

export interface Nginx {
  /** Asks the server that listens on `unix:<socket>`. */
  readonly ask: (socket: string, path: string, headers?: Record<string, string>, method?: string) => Promise<Reply>;
  readonly stop: () => Promise<void>;
}

/**
 * Starts nginx in a folder of its own. Servers and upstreams are sockets in that folder (`listen unix:front.sock;`), so nothing is
 * reachable from outside, no port is taken, and names are the same in every run.
 *
 * @param http content of the http block
 * @param front socket whose server is asked whether all is up
 */
export const startNginx = (http: string, front: string): Promise<Nginx> =>
  startNginxFile((folder) => {
    const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${folder}/${name};`);
    return `pid ${folder}/pid; error_log /dev/stderr;
events { worker_connections 512; }
http { access_log off; ${temporary.join(" ")} ${http} }`;
  }, front);

/**
 * Starts nginx with a whole configuration, as it is.
 *
 * @param configOf the configuration, given the folder that sockets and nginx's own files are in
 */
export async function startNginxFile(configOf: (folder: string) => string, front: string): Promise<Nginx> {
  const { path, libraries } = await fromDebian("nginx", "usr/sbin/nginx", LIBRARIES);
  const folder = await mkdtemp(join(tmpdir(), "stackyard-nginx-"));
  await writeFile(join(folder, "nginx.conf"), configOf(folder));
  const log = join(folder, "error.log");
  const errors = await open(log, "a");
  const arguments_ = ["-p", folder, "-c", join(folder, "nginx.conf"), "-e", log, "-g", "daemon off; master_process off;"];
  const server = spawn(path, arguments_, {
    cwd: folder,
    env: { ...process.env, LD_LIBRARY_PATH: libraries },
    stdio: ["ignore", "ignore", errors.fd],
  });
  const ended = once(server, "exit");
  await errors.close();
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const stop = async () => {
    agent.destroy();
    server.kill("SIGTERM");
    await ended;
    await rm(folder, { recursive: true, force: true });
  };

  const deadline = Date.now() + 10_000;
  while (!(await accepts(join(folder, front)))) {
    if (server.exitCode !== null || Date.now() > deadline) {
      const said = await readFile(log, "utf8").catch(() => "it wrote no log");
      await stop();
      throw new Error(`nginx does not serve ${front}: ${said}`);
    }
    await pause(20);
  }
  return {
    ask: (socket, path, headers = {}, method = "GET") => ask({ agent, socketPath: join(folder, socket), path, headers, method }),
    stop,
  };
}

const accepts = (socketPath: string) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(socketPath, () => resolve(true)).on("error", () => resolve(false));
    socket.unref().on("connect", () => socket.end());
  });

const ask = (question: {
  readonly agent: Agent;
  readonly socketPath: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly method: string;
}) =>
  new Promise<Reply>((resolve, reject) => {
    request(question, (response) => {
      const body: Buffer[] = [];
      response.on("data", (chunk: Buffer) => body.push(chunk));
      response.on("end", () => {
        const bytes = Buffer.concat(body);
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: bytes.toString(), bytes });
      });
    })
      .on("error", reject)
      .end();
  });

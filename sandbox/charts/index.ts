import { execa } from "execa";
import { createHash } from "node:crypto";
import { cp, mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { cacheDir, checkout } from "../paths";
import { ensure, pathOf, type Say } from "../toolchain";
import { once } from "../toolchain/once";

/** A repository of charts on loopback. It ends with the process that serves it. */
export interface Charts {
  readonly url: string;
  /** Folders that helm is in, to put in front of PATH. */
  readonly path: readonly string[];
  readonly close: () => Promise<void>;
}

/** What each chart gets, beside its own files. */
const SHARED = "workload.tpl";
const PACKED = "packed";
const PORT_FILE = "charts-port";
/** By this header a server of ours is known; it says which charts it has. */
const MARK = "x-stackyard-charts";

const serving = new Map<string, Promise<Charts>>();

/**
 * Serves the charts that play the platform's on a sandbox, at the same address each time: it is part of what a stack is made of.
 *
 * The makers' own do not do there, even where they can be fetched: their webhooks would have the API server ask pods that do not run.
 *
 * @param dir folder of the sandbox
 */
export function serveCharts(dir: string, say: Say = () => {}, signal?: AbortSignal): Promise<Charts> {
  const running = serving.get(dir) ?? begin(dir, say, signal);
  serving.set(dir, running);
  running.catch(() => serving.delete(dir));
  return running;
}

async function begin(dir: string, say: Say, signal?: AbortSignal): Promise<Charts> {
  const { helm } = await ensure(["helm"], say, signal);
  const path = pathOf([helm]);
  const packed = await packedCharts(helm.path, say, signal);
  const files = new Map<string, Buffer>();
  for (const name of await readdir(packed.folder)) files.set(`/${name}`, await readFile(join(packed.folder, name)));
  const close = () => Promise.resolve(void serving.delete(dir));

  const known = await readFile(join(dir, PORT_FILE), "utf8").then(Number, () => 0);
  const urlOf = (port: number) => `http://127.0.0.1:${port}`;
  const server = createServer((request, response) => {
    const file = request.method === "GET" ? files.get(request.url ?? "") : undefined;
    response.writeHead(file ? 200 : 404, { [MARK]: packed.content }).end(file);
  });
  const listen = (port: number) =>
    new Promise<number>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
    });
  const port = await listen(known).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== "EADDRINUSE") throw error;
    return (await isOurs(urlOf(known), packed.content)) ? undefined : listen(0);
  });
  if (port === undefined) return { url: urlOf(known), path, close };
  await mkdir(dir, { recursive: true, mode: 0o700 });
  if (port !== known) await writeFile(join(dir, PORT_FILE), `${port}`, { mode: 0o600 });
  server.unref(); // whoever serves it ends when its own work is done
  const end = async () => {
    await close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: urlOf(port), path, close: end };
}

/** Whether another process serves the same charts there. */
const isOurs = (url: string, content: string): Promise<boolean> =>
  fetch(`${url}/index.yaml`, { signal: AbortSignal.timeout(2000) }).then(
    ({ headers }) => headers.get(MARK) === content,
    () => false,
  );

const home = () => join(checkout(), "sandbox", "charts");

/** The charts, packed by helm, with an index of theirs; kept in the cache under their content. */
async function packedCharts(helm: string, say: Say, signal?: AbortSignal): Promise<{ folder: string; content: string }> {
  const charts = (await readdir(home(), { withFileTypes: true })).filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const content = await contentOf(charts);
  const folder = join(cacheDir(), "charts", content);
  const pack = async (unfinished: string) => {
    const sources = join(unfinished, ".sources");
    for (const chart of charts) {
      await cp(join(home(), chart), join(sources, chart), { recursive: true });
      await cp(join(home(), SHARED), join(sources, chart, "templates", "_workload.tpl"));
    }
    const run = (args: readonly string[]) => execa(helm, args, { cancelSignal: signal });
    const packed = join(unfinished, PACKED);
    await mkdir(packed);
    await run(["package", "--destination", packed, ...charts.map((chart) => join(sources, chart))]);
    await run(["repo", "index", packed]);
  };
  await once(folder, pack, () => say("charts: waiting for another run that packs them"), signal);
  return { folder: join(folder, PACKED), content };
}

async function contentOf(charts: readonly string[]): Promise<string> {
  const hash = createHash("sha256").update(await readFile(join(home(), SHARED)));
  for (const chart of charts) {
    const files = (await readdir(join(home(), chart), { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
    for (const { parentPath, name } of files.sort((a, b) => `${a.parentPath}/${a.name}`.localeCompare(`${b.parentPath}/${b.name}`))) {
      hash.update(`${chart}/${name}\0`).update(await readFile(join(parentPath, name)));
    }
  }
  return hash.digest("hex").slice(0, 16);
}

import { readFile } from "node:fs/promises";
import { get as getHttp } from "node:http";
import { Agent, request as requestHttps, type RequestOptions } from "node:https";
import { join } from "node:path";
import type { Place, Ports } from "./kwokctl";

/** Whether something on loopback says that it is well. The certificates that the components give themselves say nothing there. */
export const isWell = (url: string): Promise<boolean> =>
  answer(url, { rejectUnauthorized: false, signal: AbortSignal.timeout(1000) }).then(
    ({ status }) => status === 200,
    () => false,
  );

/**
 * The API server of a cluster, asked as its administrator. Plain requests: the objects of client libraries drop what CRDs need
 * (`x-kubernetes-preserve-unknown-fields`), and loading one takes 0.3 s.
 */
export async function apiOf({ workdir }: Place, ports: Ports) {
  const [ca, cert, key] = await Promise.all(["ca.crt", "admin.crt", "admin.key"].map((file) => readFile(join(workdir, "pki", file))));
  const agent = new Agent({ ca, cert, key, keepAlive: true });
  const address = `https://127.0.0.1:${ports.kubeApiserverPort}`;
  async function ask<T>(method: string, path: string, body?: object, type = "application/json"): Promise<T> {
    const { status = 0, text } = await answer(
      address + path,
      { method, agent, headers: { "Content-Type": type } },
      body && JSON.stringify(body),
    );
    if (status >= 300) throw new Error(`${method} ${path}: ${(JSON.parse(text) as { message?: string }).message ?? status}`);
    return JSON.parse(text) as T;
  }
  return {
    address,
    get: <T>(path: string) => ask<T>("GET", path),
    remove: (path: string) => ask("DELETE", path),
    merge: (path: string, patch: object) => ask("PATCH", path, patch, "application/merge-patch+json"),
    /** Server-side apply. */
    apply: (path: string, object: object) =>
      ask("PATCH", `${path}?fieldManager=stackyard-sandbox&force=true`, object, "application/apply-patch+yaml"),
  };
}
export type Api = Awaited<ReturnType<typeof apiOf>>;

const answer = (url: string, options: RequestOptions, body?: string): Promise<{ status?: number; text: string }> =>
  new Promise((resolve, reject) => {
    const open = url.startsWith("https:") ? requestHttps : getHttp;
    const request = open(url, { signal: AbortSignal.timeout(30_000), ...options }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => (text += part));
      response.on("end", () => resolve({ status: response.statusCode, text })).on("error", reject);
    });
    request.on("error", (error) => reject(new Error(`${url} did not answer`, { cause: error })));
    request.end(body);
  });

import { KubeConfig } from "@kubernetes/client-node";
import { request as requestHttp } from "node:http";
import { request as requestHttps, type RequestOptions } from "node:https";

/** Who a cluster is, and which version of Kubernetes it runs. */
export interface Identity {
  /** Uid of the `kube-system` namespace: no other cluster has it, and it stays as long as the cluster lives. */
  readonly uid: string;
  /** Version of the API server, such as `v1.36.3`. */
  readonly version: string;
}

const TIMEOUT_MS = 10_000;

/** The API server knows who asks, and does not allow it. Its message says who may not do what. */
export class Forbidden extends Error {}

/** Asks the API server for what stands at a path, such as `/version`. */
export type Ask = (path: string) => Promise<unknown>;

/**
 * How the cluster that a kube context reaches is asked, with whatever credentials the kubeconfig has. Each request may take 10 s.
 *
 * @param kubeconfig path of the file; `$KUBECONFIG`, else `~/.kube/config` where it is left out
 * @throws Error where there is no such context
 */
export function askerOf(context: string, kubeconfig?: string): Ask {
  const kube = new KubeConfig();
  if (kubeconfig) kube.loadFromFile(kubeconfig);
  else kube.loadFromDefault();
  const contexts = kube.getContexts().map(({ name }) => name);
  if (!contexts.includes(context)) throw new Error(`the kubeconfig has no context "${context}"; it has ${contexts.join(", ") || "none"}`);
  kube.setCurrentContext(context);
  return (path) => get(kube, path);
}

/** Who a cluster is: two small requests. */
export async function identityOf(ask: Ask): Promise<Identity> {
  const [version, namespace] = await Promise.all([ask("/version"), ask("/api/v1/namespaces/kube-system")]);
  return { version: textAt(version, "gitVersion"), uid: textAt(namespace, "metadata", "uid") };
}

/** What went wrong with a request, also where each address of a host was tried. */
export const reasonOf = (error: unknown): string =>
  error instanceof AggregateError ? error.errors.map(reasonOf).join(", ") : error instanceof Error ? error.message : String(error);

async function get(kube: KubeConfig, path: string): Promise<unknown> {
  const url = new URL(`${kube.getCurrentCluster()?.server.replace(/\/$/, "")}${path}`);
  const options: RequestOptions = { method: "GET", timeout: TIMEOUT_MS };
  await kube.applyToHTTPSOptions(options);
  const send = url.protocol === "http:" ? requestHttp : requestHttps;
  return new Promise((resolve, reject) => {
    const request = send(url, options, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => (body += part));
      response.on("end", () => {
        if (response.statusCode === 200) resolve(JSON.parse(body));
        else reject(refused(path, response.statusCode, body));
      });
    });
    request.on("timeout", () => request.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)));
    request.on("error", reject);
    request.end();
  });
}

/** Why a request was not answered: in the API server's words, where it gives some. */
function refused(path: string, status: number | undefined, body: string): Error {
  const what = `GET ${path} was answered with ${status}`;
  if (status !== 403) return new Error(what);
  try {
    return new Forbidden(textAt(JSON.parse(body), "message"));
  } catch {
    return new Forbidden(what); // a proxy before the API server has refused it
  }
}

function textAt(value: unknown, ...path: string[]): string {
  const found = path.reduce<unknown>((at, step) => (at as Record<string, unknown> | undefined)?.[step], value);
  if (typeof found !== "string") throw new Error(`the answer has no ${path.join(".")}`);
  return found;
}

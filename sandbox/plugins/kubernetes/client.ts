import { existsSync } from "node:fs";
import https from "node:https";
import { KubeConfig } from "@kubernetes/client-node/dist/config.js";
import { isObject, type Properties } from "../values.js";

export interface Meta {
  name?: string;
  namespace?: string;
  uid?: string;
  generation?: number;
  resourceVersion?: string;
  annotations?: Record<string, string>;
  finalizers?: string[];
  managedFields?: { manager?: string; operation?: string; subresource?: string; fieldsV1?: Properties }[];
}
export type KubeObject = Properties & { apiVersion: string; kind: string };
export const metaOf = (object: Properties): Meta => (isObject(object.metadata) ? object.metadata : {});

/** An answer of the API server that is no success, or a kind that it does not serve (now). */
export class ApiError extends Error {
  constructor(
    readonly reason: string,
    message: string,
    /** Kind of the object that is missing or refused, in the plural. */
    readonly about = "",
  ) {
    super(message);
  }
}
export class Unreachable extends Error {}

/** Reads the kubeconfig that is named by path, given as content, or found where kubectl finds it. */
export const kubeConfigOf = ({ kubeconfig, context, cluster }: Properties): KubeConfig => {
  const config = new KubeConfig();
  if (typeof kubeconfig !== "string") config.loadFromDefault();
  else if (existsSync(kubeconfig)) config.loadFromFile(kubeconfig);
  else config.loadFromString(kubeconfig);
  if (typeof context === "string") config.setCurrentContext(context);
  const current = config.contexts.find(({ name }) => name === config.currentContext);
  if (!current)
    throw new Error(`context ${config.currentContext} is not in the kubeconfig: ${config.contexts.map(({ name }) => name).join(", ")} are`);
  if (typeof cluster === "string") config.contexts = [{ ...current, cluster }];
  return config;
};

export type Query = Record<string, string | boolean | undefined>;
interface Resource {
  name: string;
  kind: string;
  namespaced: boolean;
}

/** Requests to one API server, for objects of any kind. */
export class Client {
  private readonly groups = new Map<string, Promise<Resource[]>>();
  private agent?: https.Agent;

  constructor(private readonly config: KubeConfig) {}

  private async send(method: string, path: string, query: Query = {}, body?: unknown): Promise<Properties> {
    const server = this.config.getCurrentCluster()?.server ?? "";
    const url = new URL(server.replace(/\/$/, "") + path);
    for (const [key, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(key, String(value));
    const options: https.RequestOptions = {};
    await this.config.applyToHTTPSOptions(options);
    const { ca, cert, key, rejectUnauthorized, servername } = options;
    this.agent ??= new https.Agent({ keepAlive: true, ca, cert, key, rejectUnauthorized, servername });
    const patch = Array.isArray(body) ? "json-patch+json" : "apply-patch+yaml";
    const content = body === undefined ? "" : JSON.stringify(body);
    const type = {
      accept: "application/json",
      "content-type": `application/${method === "PATCH" ? patch : "json"}`,
      "content-length": Buffer.byteLength(content),
    };
    const { code, text } = await new Promise<{ code: number; text: string }>((resolve, reject) => {
      const request = https.request(
        url,
        { method, agent: this.agent, auth: options.auth, headers: { ...options.headers, ...type } },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk)).on("error", reject);
          response.on("end", () => resolve({ code: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
        },
      );
      request.on("error", (error) => reject(new Unreachable(`the cluster at ${server} cannot be reached: ${error.message}`)));
      request.end(content);
    });
    const answer = text.startsWith("{") ? (JSON.parse(text) as Properties) : { message: text.trim() };
    if (code < 300) return answer;
    const { reason, message, details } = answer as { reason?: string; message?: string; details?: { kind?: string } };
    throw new ApiError(reason ?? String(code), message ?? `status ${code}`, details?.kind);
  }

  /** How the API server calls a kind; asked once a group, and again for a kind that it did not have. */
  async resource({ apiVersion, kind }: KubeObject): Promise<Resource & { root: string }> {
    const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const discover = async () => ((await this.send("GET", root)) as unknown as { resources: Resource[] }).resources;
    for (const known of [true, false]) {
      if (!known || !this.groups.has(root))
        this.groups.set(
          root,
          discover().catch((error) => (error instanceof ApiError ? [] : Promise.reject(error as Error))),
        );
      const found = (await this.groups.get(root))?.find((each) => each.kind === kind && !each.name.includes("/"));
      if (found) return { ...found, root };
    }
    throw new ApiError("NoSuchKind", `the cluster does not serve ${apiVersion} ${kind}: its CustomResourceDefinition has to be made first`);
  }

  private async ask(method: string, object: KubeObject, query?: Query, body?: unknown): Promise<Properties> {
    const { root, name, namespaced } = await this.resource(object);
    const { namespace, name: own } = metaOf(object);
    const place = namespaced ? `/namespaces/${namespace || "default"}` : "";
    const itself = method === "POST" || own === undefined ? "" : `/${encodeURIComponent(own)}`;
    return this.send(method, `${root}${place}/${name}${itself}`, query, body);
  }

  async get(object: KubeObject): Promise<KubeObject | undefined> {
    try {
      return (await this.ask("GET", object)) as KubeObject;
    } catch (error) {
      if (error instanceof ApiError && error.reason === "NotFound") return undefined;
      throw error;
    }
  }

  async list(apiVersion: string, kind: string, namespace: string, query: Query): Promise<KubeObject[]> {
    const { items } = (await this.ask("GET", { apiVersion, kind, metadata: { namespace } }, query)) as unknown as { items: Properties[] };
    // the items of a list do not say what they are
    return items.map((item) => ({ ...item, apiVersion, kind }));
  }

  /** Creates, applies, patches or deletes an object; `body` where it is not the object itself. */
  async write(method: "POST" | "PATCH" | "DELETE", object: KubeObject, query: Query = {}, body: unknown = object): Promise<KubeObject> {
    return (await this.ask(method, object, query, body)) as KubeObject;
  }
}

import type {
  Configuration,
  HttpLibrary,
  KubeConfig,
  KubernetesObject,
  KubernetesObjectApi,
  RequestContext,
} from "@kubernetes/client-node";

// loaded when it is used: it takes 0.3 s and 100 MB
const client = () => import("@kubernetes/client-node");

/** What tells how a cluster is reached. */
export interface Reached {
  /** Its kube context, whichever is current. */
  readonly context: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Milliseconds that an answer of the API server may take: what it is asked is one object, a log's last lines, or a page of a list. */
const ANSWER_MS = 30_000;

/**
 * @param answerMs how long clients made with it wait for an answer; without an end they would wait for ever for a server that is gone
 *   without a word
 */
export async function kubeConfigOf({ env, context }: Reached, answerMs = ANSWER_MS): Promise<KubeConfig> {
  const { KubeConfig, ServerConfiguration, createConfiguration } = await client();
  const httpApi = await impatient(answerMs);
  const config = new (class extends KubeConfig {
    override makeApiClient<Api>(Type: new (configuration: Configuration) => Api): Api {
      const { server = "" } = this.getCurrentCluster() ?? {};
      const baseServer = new ServerConfiguration(server, {});
      return new Type(createConfiguration({ baseServer, authMethods: { default: this }, httpApi }));
    }
  })();
  if (env.KUBECONFIG) config.loadFromFile(env.KUBECONFIG);
  else config.loadFromDefault();
  config.setCurrentContext(context);
  return config;
}

/** The client's own way to ask, with an end. */
async function impatient(answerMs: number): Promise<HttpLibrary> {
  const { IsomorphicFetchHttpLibrary, wrapHttpLibrary } = await client();
  const library = new IsomorphicFetchHttpLibrary();
  const send = async (request: RequestContext) => {
    request.setSignal(AbortSignal.timeout(answerMs));
    try {
      return await library.send(request).toPromise();
    } catch (error) {
      if (!(error instanceof Error && error.name === "AbortError")) throw error;
      throw new Error(`the cluster does not answer: ${request.getHttpMethod()} ${request.getUrl()} took more than ${answerMs / 1000} s`, {
        cause: error,
      });
    }
  };
  return wrapHttpLibrary({ send });
}

export async function clientOf(target: Reached, answerMs?: number): Promise<KubernetesObjectApi> {
  const { KubernetesObjectApi } = await client();
  return KubernetesObjectApi.makeApiClient(await kubeConfigOf(target, answerMs));
}

/** The object as the cluster has it, or nothing where it has none. */
export async function find(api: KubernetesObjectApi, object: KubernetesObject): Promise<KubernetesObject | undefined> {
  const { ApiException } = await client();
  try {
    return await api.read({ ...object, metadata: { ...object.metadata, name: object.metadata?.name ?? "" } });
  } catch (error) {
    if (error instanceof ApiException && error.code === 404) return undefined;
    throw error;
  }
}

/** What went wrong with a request: in the API server's own words where it has answered, without headers and the rest of its answer. */
export function reasonOf(error: unknown): string {
  const said = error instanceof Error ? error.message : String(error);
  const { body } = Object(error) as { readonly body?: unknown };
  try {
    const { message = said } = (typeof body === "string" ? JSON.parse(body) : Object(body)) as { readonly message?: string };
    return message;
  } catch {
    return said;
  }
}

import type { KubeConfig, KubernetesObject, KubernetesObjectApi } from "@kubernetes/client-node";

// loaded when it is used: it takes 0.3 s and 100 MB
const client = () => import("@kubernetes/client-node");

/** What tells how a cluster is reached. */
export interface Reached {
  /** Its kube context, whichever is current. */
  readonly context: string;
  readonly env: Readonly<Record<string, string>>;
}

export async function kubeConfigOf({ env, context }: Reached): Promise<KubeConfig> {
  const { KubeConfig } = await client();
  const config = new KubeConfig();
  if (env.KUBECONFIG) config.loadFromFile(env.KUBECONFIG);
  else config.loadFromDefault();
  config.setCurrentContext(context);
  return config;
}

export async function clientOf(target: Reached): Promise<KubernetesObjectApi> {
  const { KubernetesObjectApi } = await client();
  return KubernetesObjectApi.makeApiClient(await kubeConfigOf(target));
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

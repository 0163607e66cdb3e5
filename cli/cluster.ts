import type { KubeConfig, KubernetesObject, KubernetesObjectApi } from "@kubernetes/client-node";
import { askerOf, identityOf } from "../stacks/identity";
import { UserError } from "./errors";

// loaded when it is used: it takes 0.3 s and 100 MB
const client = () => import("@kubernetes/client-node");

/** What tells how a cluster is reached. */
interface Reached {
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

/** Who a cluster is: the uid of its `kube-system` namespace, which no other cluster has. */
export async function uidOf(context: string): Promise<string> {
  try {
    return (await identityOf(askerOf(context))).uid;
  } catch (error) {
    throw new UserError(
      `the cluster of context "${context}" could not be asked: ${error instanceof Error ? error.message : String(error)}`,
      [`kubectl --context ${context} get namespace kube-system`],
    );
  }
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

import { askerOf, identityOf } from "../stacks/identity";
import { UserError } from "./errors";

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

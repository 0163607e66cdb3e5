import { remediesFor } from "../stacks/forbidden";
import { askerOf, identityOf, reasonOf } from "../stacks/identity";
import { UserError } from "./errors";

/** Who a cluster is: the uid of its `kube-system` namespace, which no other cluster has. */
export async function uidOf(context: string): Promise<string> {
  try {
    return (await identityOf(askerOf(context))).uid;
  } catch (error) {
    throw new UserError(`the cluster of context "${context}" could not be asked: ${reasonOf(error)}`, [
      `kubectl --context ${context} get namespace kube-system`,
      ...remediesFor(error),
    ]);
  }
}

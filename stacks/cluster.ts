import * as k8s from "@pulumi/kubernetes";
import type { ResourceTransformation } from "@pulumi/pulumi";
import { Refusal, type StackConfig } from "../config";
import { remediesFor } from "./forbidden";
import { askerOf, identityOf, reasonOf, type Ask, type Identity } from "./identity";

/** Versions of Kubernetes that the program is made for: those that the products it stands on support (Envoy Gateway 1.9). */
const OLDEST = 33;
const NEWEST = 36;

/**
 * How the cluster of a stack is asked, after it has said that it is the one that the config names, in a version that is supported.
 *
 * @throws Refusal before anything else is read
 */
export async function askBound({ stack, cluster }: StackConfig): Promise<Ask> {
  const { ask, found } = await identify(stack, cluster);
  refuse(stack, cluster, found);
  return ask;
}

/** The one provider of a stack. With its identifier, a changed kubeconfig does not look like another cluster, which would replace everything. */
export const providerOf = ({ kubeconfig, context, uid }: Binding): k8s.Provider =>
  new k8s.Provider("cluster", { kubeconfig, context, clusterIdentifier: uid }, { transformations: [withoutForce] });

/**
 * Whether fields are taken over that somebody has changed by hand is for a run to say, in its environment, where the plugin reads it. As an input
 * it would stay in the state, and be a change of each run that does not say it.
 */
const withoutForce: ResourceTransformation = ({ props, opts }) => ({ props: { ...(props as object), enablePatchForce: undefined }, opts });

type Binding = StackConfig["cluster"];

async function identify(stack: string, { context, kubeconfig }: Binding): Promise<{ ask: Ask; found: Identity }> {
  try {
    const ask = askerOf(context, kubeconfig);
    return { ask, found: await identityOf(ask) };
  } catch (error) {
    throw new Refusal(
      [
        `the cluster of stack "${stack}" could not be asked who it is (context "${context}"): ${reasonOf(error)}. Nothing was changed.`,
        `  $ kubectl${kubeconfig ? ` --kubeconfig ${kubeconfig}` : ""} --context ${context} get namespace kube-system   # must work first`,
        ...remediesFor(error).map((command) => `  $ ${command}`),
        `  $ pulumi config set --stack ${stack} --path 'stackyard:cluster.context' '<context>'   # where another context reaches the cluster`,
      ].join("\n"),
    );
  }
}

/** @throws Refusal where a cluster is not the one that the stack is bound to, or of a version that is not supported */
export function refuse(stack: string, { context, uid }: Binding, found: Identity): void {
  if (found.uid !== uid) {
    throw new Refusal(
      [
        `stack "${stack}" is bound to another cluster than the one that context "${context}" reaches. Nothing was changed.`,
        `  bound to: ${uid}`,
        `  reached:  ${found.uid}`,
        `  $ pulumi config set --stack ${stack} --path 'stackyard:cluster.context' '<context>'   # the context that reaches the stack's cluster`,
        `  $ pulumi config set --stack ${stack} --path 'stackyard:cluster.uid' ${found.uid}   # only where nothing is deployed yet: what the stack has on its own cluster would be forgotten`,
      ].join("\n"),
    );
  }
  const minor = Number(/^v1\.(\d+)\./.exec(found.version)?.[1]);
  if (!(minor >= OLDEST && minor <= NEWEST)) {
    throw new Refusal(
      [
        `the cluster of stack "${stack}" (context "${context}") runs Kubernetes ${found.version}; versions 1.${OLDEST} to 1.${NEWEST} are supported. Nothing was changed.`,
        `  $ kubectl --context ${context} version   # shows it; upgrade the cluster, or take a release of Stackyard that supports its version`,
      ].join("\n"),
    );
  }
}

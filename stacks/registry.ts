import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { fromRegistry, isWorkload, pullSecretOf } from "../components/kubernetes/registry";
import { secretOf, type StackConfig } from "../config";

/**
 * Sees to it that there is what pods of a namespace pull their images with.
 *
 * @param name of the namespace, which names the resource, too
 * @param namespace the same as those who make it know it
 */
export type PullsIn = (name: string, namespace: pulumi.Input<string>) => void;

interface Metadata {
  readonly metadata?: pulumi.Input<{ readonly namespace?: pulumi.Input<string> }>;
}

/** Name of the Secret in each namespace: the stack's, as two stacks may share one. */
const nameOf = (stack: string): string => `registry-${stack.toLowerCase().replaceAll("_", "-")}`;

/**
 * Has every pod of the stack get its images from the mirrors of its config, and pull them with its secret. What is planned from now on is
 * changed before the engine learns of it, so that previews and policies see the images that will run.
 */
export function useRegistry({ stack, registry }: Pick<StackConfig, "stack" | "registry">, provider: k8s.Provider): PullsIn {
  if (registry === undefined) return () => {};
  const { mirrors, pullSecret } = registry;
  const secrets = new Map<string, k8s.core.v1.Secret>();
  const name = pullSecret === undefined ? undefined : nameOf(stack);

  /** By name alone: a Secret that is replaced would take with it what has a property from it. */
  const secretFor = (workload: string, props: Metadata): pulumi.Output<k8s.core.v1.Secret> =>
    pulumi.output(props.metadata).apply((metadata) => {
      const secret = secrets.get(metadata?.namespace ?? "default");
      if (secret === undefined) throw new Error(`pods of ${workload} have no pull secret in namespace ${metadata?.namespace}`);
      return secret;
    });

  pulumi.runtime.registerStackTransformation(({ type, name: workload, props, opts }) => {
    if (!isWorkload(type)) return undefined;
    return {
      props: fromRegistry(type, props as object, mirrors, name),
      opts: name === undefined ? opts : pulumi.mergeOptions(opts, { dependsOn: secretFor(workload, props) }),
    };
  });

  return (namespaceName, namespace) => {
    if (pullSecret === undefined || name === undefined || secrets.has(namespaceName)) return;
    const args = pullSecretOf(name, namespace, secretOf(pullSecret));
    secrets.set(namespaceName, new k8s.core.v1.Secret(`${namespaceName}-registry`, args, { provider }));
  };
}

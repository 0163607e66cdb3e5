import { execa } from "execa";
import type { TrialStack } from "./trial-stack";

/** An object as `kubectl get --output=json` has it. */
export interface KubernetesObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: { readonly name?: string; readonly labels?: Record<string, string>; readonly annotations?: Record<string, string> };
  readonly spec?: object;
}

/** One object of the cluster. */
export const objectOf = async <T extends KubernetesObject>(stack: TrialStack, namespace: string, object: string): Promise<T> =>
  JSON.parse(await stack.kubectl("get", object, `--namespace=${namespace}`, "--output=json")) as T;

/**
 * Does what Velero does of a restore, but the copying: makes the objects again, bound to nothing, and says that it is done.
 *
 * @param restore name of the Restore
 * @param to namespace that they come into; it is made where its old one is among them
 */
export async function playRestore(stack: TrialStack, restore: string, objects: readonly KubernetesObject[], to: string): Promise<void> {
  for (const { apiVersion, kind, metadata, spec } of objects) {
    const place = kind === "Namespace" ? { name: to } : { name: metadata?.name, namespace: to };
    const labels = { ...metadata?.labels, "velero.io/restore-name": restore };
    const again = {
      apiVersion,
      kind,
      metadata: { ...place, labels, annotations: metadata?.annotations },
      spec: { ...spec, volumeName: undefined, nodeName: undefined, finalizers: undefined },
    };
    await execa("kubectl", ["create", "-f", "-"], { env: stack.env, input: JSON.stringify(again) });
  }
  const done = JSON.stringify({ status: { phase: "Completed" } });
  await stack.kubectl("--namespace=velero", "patch", "restore.velero.io", restore, "--type=merge", `--patch=${done}`);
}

import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { externalSecretOf } from "../components/kubernetes/external-secret";
import { remoteOf, type RemoteKey } from "../components/kubernetes/external-secret-options";
import { OURS } from "../components/kubernetes/metadata";
import type { ExternalSecrets } from "../config";

/**
 * Has the External Secrets operator make a Secret, which carries the name of the ExternalSecret.
 *
 * @param data key of the Secret to what it holds
 */
export function externalSecret(
  resource: string,
  metadata: { readonly name: string; readonly namespace: pulumi.Input<string> },
  { secretStoreRef: { name = "", kind }, refreshInterval }: ExternalSecrets,
  data: Readonly<Record<string, RemoteKey>>,
  opts: pulumi.CustomResourceOptions,
): void {
  const remote = Object.fromEntries(Object.entries(data).map(([key, ref]) => [key, remoteOf(ref)]));
  const options = { target: metadata.name, store: { name, kind }, refreshInterval, data: remote };
  new k8s.apiextensions.CustomResource(resource, externalSecretOf({ ...metadata, labels: OURS }, options), opts);
}

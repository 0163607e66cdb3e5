import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { filled } from "../kubernetes/filled";
import type { Transform } from "../kubernetes/child";
import type { ExternalSecrets, Store } from "./secret-store-options";
import { LABELS, type Room } from "./room";

/** Name of the operator's ServiceAccount, which clouds give an identity to. */
const ACCOUNT = "external-secrets";

/** Values of the chart (deploy/charts/external-secrets/values.yaml). */
interface Values {
  readonly installCRDs: boolean;
  /** Without it an uninstall takes the CRDs, and with them every ExternalSecret and the Secrets that they own. */
  readonly crds: { readonly annotations: Readonly<Record<string, string>> };
  readonly replicaCount: number;
  readonly leaderElect: boolean;
  readonly podDisruptionBudget: { readonly enabled: boolean };
  readonly serviceAccount: { readonly name: string; readonly annotations: Readonly<Record<string, string>> };
  readonly serviceMonitor: { readonly enabled: boolean };
  readonly webhook: { readonly replicaCount: number; readonly podDisruptionBudget: { readonly enabled: boolean } };
  readonly certController: { readonly replicaCount: number };
}

export function externalSecretsValues({ replicas, serviceAccountAnnotations }: ExternalSecrets, monitored: boolean): Values {
  const podDisruptionBudget = { enabled: replicas > 1 };
  return {
    installCRDs: true,
    crds: { annotations: { "helm.sh/resource-policy": "keep" } },
    replicaCount: replicas,
    leaderElect: replicas > 1,
    podDisruptionBudget,
    serviceAccount: { name: ACCOUNT, annotations: serviceAccountAnnotations },
    serviceMonitor: { enabled: monitored },
    webhook: { replicaCount: replicas, podDisruptionBudget },
    certController: { replicaCount: replicas },
  };
}

/** A Secret with credentials, and where it is. */
interface Credentials {
  readonly name: pulumi.Input<string>;
  readonly namespace: pulumi.Input<string>;
}

/**
 * The provider of a store, as the operator names it.
 *
 * @param credentials Secret that has what the options name, under the names of the options
 * @param namespace namespace of the operator
 */
export function providerOf({ aws, gcp, azure, vault, fake }: Store, credentials: Credentials | undefined, namespace: pulumi.Input<string>) {
  const key = (name: string) => ({ ...credentials, key: name });
  if (aws) {
    const secretRef = { accessKeyIDSecretRef: key("accessKeyId"), secretAccessKeySecretRef: key("secretAccessKey") };
    return { aws: { service: aws.service, region: aws.region, role: aws.role, ...(credentials && { auth: { secretRef } }) } };
  }
  if (gcp) {
    const secretRef = { secretAccessKeySecretRef: key("serviceAccountKey") };
    return { gcpsm: { projectID: gcp.projectId, ...(credentials && { auth: { secretRef } }) } };
  }
  if (azure) {
    const { vaultUrl, tenantId, identityId } = azure;
    const login = credentials
      ? { authType: "ServicePrincipal", authSecretRef: { clientId: key("clientId"), clientSecret: key("clientSecret") } }
      : identityId === undefined
        ? { authType: "WorkloadIdentity", serviceAccountRef: { name: ACCOUNT, namespace } }
        : { authType: "ManagedIdentity", identityId };
    return { azurekv: { vaultUrl, tenantId, ...login } };
  }
  if (vault) {
    const { server, path, version, role, mountPath } = vault;
    const auth = credentials
      ? { tokenSecretRef: key("token") }
      : { kubernetes: { mountPath, role, serviceAccountRef: { name: ACCOUNT, namespace } } };
    return { vault: { server, path, version, auth } };
  }
  return { fake: { data: Object.entries(fake?.data ?? {}).map(([key, value]) => ({ key, value })) } };
}

export const storeOf = (name: string, provider: ReturnType<typeof providerOf>) => ({
  apiVersion: "external-secrets.io/v1",
  kind: "ClusterSecretStore",
  metadata: { name, labels: LABELS },
  spec: { provider },
});

export interface StoreTransform {
  readonly secretStore?: Transform<ReturnType<typeof storeOf>>;
}

/**
 * Installs the operator, and makes the store that systems read from.
 *
 * @param after what must be there before: the CRD of ServiceMonitors
 */
export function installExternalSecrets(
  room: Room,
  part: ExternalSecrets,
  after: readonly pulumi.Resource[],
  transform: StoreTransform = {},
): void {
  const { store } = part;
  const ready: pulumi.Resource[] = [];
  let namespace: pulumi.Input<string> = part.namespace;
  if (!part.existing) {
    namespace = room.namespace(part.namespace);
    const values = externalSecretsValues(part, room.plan.options.prometheus !== undefined);
    ready.push(room.release("externalSecrets", { name: "external-secrets", namespace, values, version: part.version }, after));
  }
  if (!store || store.existing) return;
  const { aws, gcp, azure, vault } = store;
  const names = filled({ ...aws?.secrets, ...gcp?.secrets, ...azure?.secrets, ...vault?.secrets });
  const secret = names && room.secret("secret-store-credentials", namespace, names);
  const credentials = secret && { name: secret.metadata.name, namespace: secret.metadata.namespace };
  const wanted = storeOf(store.name, providerOf(store, credentials, namespace));
  room.child(k8s.apiextensions.CustomResource, "secret-store", wanted, transform.secretStore, { dependsOn: [...ready] });
}

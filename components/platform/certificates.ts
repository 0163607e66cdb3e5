import * as k8s from "@pulumi/kubernetes";
import { CertManager as CertManagerPackage, type CertManagerArgs } from "@pulumi/kubernetes-cert-manager";
import type * as pulumi from "@pulumi/pulumi";
import type { Transform } from "../kubernetes/child";
import type { CertManager, Issuer, Solver } from "./certificate-options";
import type { Edge } from "./edge-options";
import { releaseOf } from "./release";
import { LABELS, type Room } from "./room";

/** Servers of Let's Encrypt (letsencrypt.org/docs/acme-protocol-updates, staging-environment). */
const SERVERS = {
  production: "https://acme-v02.api.letsencrypt.org/directory",
  staging: "https://acme-staging-v02.api.letsencrypt.org/directory",
} as const;

/** Values of the chart that the package has no argument for, or another name (deploy/charts/cert-manager/values.yaml of v1.21.2). */
interface Values {
  readonly crds: { readonly enabled: boolean; readonly keep: boolean };
  readonly config?: { readonly apiVersion: string; readonly kind: string; readonly enableGatewayAPI: boolean };
  readonly podDisruptionBudget: { readonly enabled: boolean };
  readonly webhook: { readonly replicaCount: number; readonly podDisruptionBudget: { readonly enabled: boolean } };
  readonly cainjector: { readonly replicaCount: number; readonly podDisruptionBudget: { readonly enabled: boolean } };
  readonly prometheus: { readonly enabled: boolean; readonly servicemonitor: { readonly enabled: boolean } };
}

export function certManagerValues({ replicas }: CertManager, gateway: boolean, monitored: boolean): Values {
  const podDisruptionBudget = { enabled: replicas > 1 };
  return {
    crds: { enabled: true, keep: true },
    ...(gateway && {
      config: { apiVersion: "controller.config.cert-manager.io/v1alpha1", kind: "ControllerConfiguration", enableGatewayAPI: true },
    }),
    podDisruptionBudget,
    webhook: { replicaCount: replicas, podDisruptionBudget },
    cainjector: { replicaCount: replicas, podDisruptionBudget },
    prometheus: { enabled: true, servicemonitor: { enabled: monitored } },
  };
}

/** Arguments of the cert-manager package. */
export const certManagerOf = (
  { replicas, serviceAccountAnnotations, podLabels, version }: CertManager,
  namespace: pulumi.Input<string>,
  values: Values,
  mirror?: string,
) =>
  ({
    replicaCount: replicas,
    serviceAccount: { annotations: serviceAccountAnnotations },
    podLabels,
    helmOptions: releaseOf("certManager", { name: "cert-manager", namespace, values, version }, mirror),
  }) satisfies CertManagerArgs;

/** How hosts are proved over HTTP: by a route at the shared Gateway, else by an Ingress of the class that is there. */
export function http01Of({ gateway, ingress }: Edge) {
  if (!gateway) return { ingress: { ingressClassName: ingress?.className } };
  const parent = {
    group: "gateway.networking.k8s.io",
    kind: "Gateway",
    name: gateway.name,
    namespace: gateway.namespace,
    sectionName: gateway.httpListener,
  };
  return { gatewayHTTPRoute: { parentRefs: [parent] } };
}

/** @param secret name of the Secret that has the provider's credentials, under the names of the options */
export function dns01Of({ route53, cloudDns, azureDns, cloudflare }: Solver, secret: pulumi.Input<string> | undefined) {
  const key = (name: string) => secret !== undefined && { name: secret, key: name };
  if (route53) {
    const { region, hostedZoneId, role, accessKeyId, secrets } = route53;
    const keys = secrets.secretAccessKey && { accessKeyID: accessKeyId, secretAccessKeySecretRef: key("secretAccessKey") };
    return { route53: { region, hostedZoneID: hostedZoneId, role, ...keys } };
  }
  if (cloudDns) {
    const { project, hostedZoneName, secrets } = cloudDns;
    return {
      cloudDNS: { project, hostedZoneName, ...(secrets.serviceAccountKey && { serviceAccountSecretRef: key("serviceAccountKey") }) },
    };
  }
  if (azureDns) {
    const { subscriptionId, resourceGroup, hostedZoneName, tenantId, clientId, secrets } = azureDns;
    const identity = secrets.clientSecret
      ? { tenantID: tenantId, clientID: clientId, clientSecretSecretRef: key("clientSecret") }
      : { managedIdentity: { clientID: clientId } };
    return { azureDNS: { subscriptionID: subscriptionId, resourceGroupName: resourceGroup, hostedZoneName, ...identity } };
  }
  return cloudflare && { cloudflare: { apiTokenSecretRef: key("apiToken") } };
}

type Dns01 = ReturnType<typeof dns01Of>;

/** A ClusterIssuer of Let's Encrypt. Zones with DNS records come first: cert-manager takes the solver that fits best. */
export const issuerOf = (
  name: string,
  { email, server }: Issuer,
  dns01: readonly { readonly zones: readonly string[]; readonly solver: Dns01 }[],
  http01?: ReturnType<typeof http01Of>,
) => ({
  apiVersion: "cert-manager.io/v1",
  kind: "ClusterIssuer",
  metadata: { name, labels: LABELS },
  spec: {
    acme: {
      email,
      server: SERVERS[server],
      privateKeySecretRef: { name: `${name}-account-key` },
      solvers: [
        ...dns01.map(({ zones, solver }) => ({ selector: { dnsZones: [...zones] }, dns01: solver })),
        ...(http01 ? [{ http01 }] : []),
      ],
    },
  },
});

export interface CertificatesTransform {
  readonly certManager?: Transform<ReturnType<typeof certManagerOf>>;
  readonly issuer?: Transform<ReturnType<typeof issuerOf>>;
}

/**
 * Installs cert-manager and makes its issuers.
 *
 * @param after what must be there before: CRDs that cert-manager looks for when it starts
 * @returns what is to be there before a certificate is asked for
 */
export function installCertManager(
  room: Room,
  certManager: CertManager,
  after: readonly pulumi.Resource[],
  transform: CertificatesTransform = {},
): pulumi.Resource[] {
  const { edge, prometheus, chartRepository } = room.plan.options;
  const ready: pulumi.Resource[] = [];
  let namespace: pulumi.Input<string> = certManager.namespace;
  if (!certManager.existing) {
    namespace = room.namespace(certManager.namespace);
    const values = certManagerValues(certManager, edge?.gateway !== undefined, prometheus !== undefined);
    const args = certManagerOf(certManager, namespace, values, chartRepository);
    const opts = { parent: room.parent, dependsOn: [...after] };
    transform.certManager?.(args, opts);
    ready.push(new CertManagerPackage(`${room.name}-cert-manager`, args, opts));
  }
  for (const [name, issuer] of Object.entries(certManager.issuers)) {
    const dns01 = Object.entries(issuer.dns01).map(([solver, given]) => {
      const { zones, route53, cloudDns, azureDns, cloudflare } = given;
      const names = { ...route53?.secrets, ...cloudDns?.secrets, ...azureDns?.secrets, ...cloudflare?.secrets };
      const secret = room.secret(`${name}.${solver}`, namespace, names);
      return { zones, solver: dns01Of(given, secret?.metadata.name) };
    });
    const http01 = issuer.http01 && edge ? http01Of(edge) : undefined;
    const wanted = issuerOf(name, issuer, dns01, http01);
    room.child(k8s.apiextensions.CustomResource, `${name}-issuer`, wanted, transform.issuer, { dependsOn: [...ready] });
  }
  return ready;
}

import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Linkerd } from "./mesh-options";
import { LABELS, type Room } from "./room";

/** Names that Linkerd's control plane looks for (linkerd.io/2/tasks/automatically-rotating-control-plane-tls-credentials). */
const ANCHOR = "linkerd-trust-anchor";
const ISSUER = "linkerd-identity-issuer";
const ROOTS = "linkerd-identity-trust-roots";
const ROOT_ISSUER = "linkerd-trust-root";

/** Ten years: a new anchor must be trusted everywhere before the first certificate stands on it, so it is changed by hand. */
const ANCHOR_HOURS = 87600;

const PRIVATE_KEY = { algorithm: "ECDSA", size: 256, rotationPolicy: "Always" } as const;

/** Signs the anchor, which signs itself. */
export const rootIssuerOf = (namespace: pulumi.Input<string>) => ({
  apiVersion: "cert-manager.io/v1",
  kind: "Issuer",
  metadata: { name: ROOT_ISSUER, namespace, labels: LABELS },
  spec: { selfSigned: {} },
});

/** The trust anchor. It lies with cert-manager: Linkerd never needs its key. */
export const anchorOf = ({ clusterDomain }: Linkerd, namespace: pulumi.Input<string>) => ({
  apiVersion: "cert-manager.io/v1",
  kind: "Certificate",
  metadata: { name: ANCHOR, namespace, labels: LABELS },
  spec: {
    isCA: true,
    commonName: `root.linkerd.${clusterDomain}`,
    secretName: ANCHOR,
    duration: `${ANCHOR_HOURS}h0m0s`,
    renewBefore: "8760h0m0s",
    privateKey: { ...PRIVATE_KEY, rotationPolicy: "Never" },
    issuerRef: { group: "cert-manager.io", kind: "Issuer", name: ROOT_ISSUER },
  },
});

/** Signs Linkerd's own issuer with the anchor. */
export const anchorIssuerOf = () => ({
  apiVersion: "cert-manager.io/v1",
  kind: "ClusterIssuer",
  metadata: { name: ANCHOR, labels: LABELS },
  spec: { ca: { secretName: ANCHOR } },
});

/** The certificate that signs the proxies'. Two days, renewed at half of that, without a pod being restarted. */
export const identityOf = ({ clusterDomain }: Linkerd, namespace: pulumi.Input<string>) => ({
  apiVersion: "cert-manager.io/v1",
  kind: "Certificate",
  metadata: { name: ISSUER, namespace, labels: LABELS },
  spec: {
    isCA: true,
    commonName: `identity.linkerd.${clusterDomain}`,
    dnsNames: [`identity.linkerd.${clusterDomain}`],
    secretName: ISSUER,
    duration: "48h0m0s",
    renewBefore: "25h0m0s",
    privateKey: PRIVATE_KEY,
    usages: ["cert sign", "crl sign", "server auth", "client auth"],
    issuerRef: { group: "cert-manager.io", kind: "ClusterIssuer", name: ANCHOR },
  },
});

/** Hands the anchor's certificate, and not its key, to Linkerd's namespace. */
export const rootsOf = ({ namespace }: Linkerd) => ({
  apiVersion: "trust.cert-manager.io/v1alpha1",
  kind: "Bundle",
  metadata: { name: ROOTS, labels: LABELS },
  spec: {
    sources: [{ secret: { name: ANCHOR, key: "tls.crt" } }],
    target: {
      configMap: { key: "ca-bundle.crt" },
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
    },
  },
});

/** Values of the chart (charts/linkerd-crds/values.yaml of linkerd/linkerd2). */
interface CrdsValues {
  readonly installGatewayAPI: boolean;
}

/** Values of the chart (charts/linkerd2-cni/values.yaml of linkerd/linkerd2). */
interface CniValues {
  readonly repairController: { readonly enabled: boolean };
}

/** Values of the chart (charts/trust-manager/values.yaml of v0.25.0). */
interface TrustManagerValues {
  readonly app: { readonly trust: { readonly namespace: pulumi.Input<string> } };
  readonly defaultPackage: { readonly enabled: boolean };
}

/** Values of the chart (charts/linkerd-control-plane/values.yaml and values-ha.yaml of linkerd/linkerd2). */
interface Values {
  readonly clusterDomain: string;
  readonly cniEnabled: boolean;
  readonly identity: { readonly externalCA: boolean; readonly issuer: { readonly scheme: string } };
  readonly podMonitor: { readonly enabled: boolean };
  readonly controllerReplicas: number;
  readonly enablePodAntiAffinity: boolean;
  readonly enablePodDisruptionBudget: boolean;
  readonly webhookFailurePolicy: "Ignore" | "Fail";
}

export const linkerdValues = ({ clusterDomain, cni, highAvailability }: Linkerd, monitored: boolean): Values => ({
  clusterDomain,
  cniEnabled: cni.enabled,
  identity: { externalCA: true, issuer: { scheme: "kubernetes.io/tls" } },
  podMonitor: { enabled: monitored },
  controllerReplicas: highAvailability ? 3 : 1,
  enablePodAntiAffinity: highAvailability,
  enablePodDisruptionBudget: highAvailability,
  webhookFailurePolicy: highAvailability ? "Fail" : "Ignore",
});

/** The injector leaves these namespaces alone, or nothing could start when it is down. */
const NOT_INJECTED = { "config.linkerd.io/admission-webhooks": "disabled" };

/**
 * Installs Linkerd, with certificates that cert-manager makes and renews.
 *
 * @param certificates what is to be there before a certificate is asked for
 * @param after what else must be there before: CRDs
 */
export function installLinkerd(
  room: Room,
  part: Linkerd,
  certificates: readonly pulumi.Resource[],
  after: readonly pulumi.Resource[],
): void {
  const { certManager, edge, prometheus } = room.plan.options;
  const { cni, trustManager } = part;
  const vault = certManager?.existing ? certManager.namespace : room.namespace(certManager?.namespace ?? "cert-manager");
  // without the CNI plugin its pods have an init container that may change the network
  const podSecurity = cni.enabled ? "restricted" : "privileged";
  const namespace = room.namespace(part.namespace, { podSecurity, labels: { ...NOT_INJECTED, "linkerd.io/is-control-plane": "true" } });
  const custom = k8s.apiextensions.CustomResource;
  const issued = { dependsOn: [...certificates] };

  const trustValues: TrustManagerValues = { app: { trust: { namespace: vault } }, defaultPackage: { enabled: false } };
  const trust = trustManager.existing
    ? []
    : [
        room.release(
          "trustManager",
          { name: "trust-manager", namespace: vault, values: trustValues, version: trustManager.version },
          certificates,
        ),
      ];
  const made = [
    room.child(custom, "linkerd-root-issuer", rootIssuerOf(vault), undefined, issued),
    room.child(custom, "linkerd-anchor", anchorOf(part, vault), undefined, issued),
    room.child(custom, "linkerd-anchor-issuer", anchorIssuerOf(), undefined, issued),
    room.child(custom, "linkerd-identity", identityOf(part, namespace), undefined, issued),
    room.child(custom, "linkerd-roots", rootsOf(part), undefined, { dependsOn: [...trust] }),
  ];

  const crdsValues: CrdsValues = { installGatewayAPI: edge?.gateway === undefined };
  const crds = room.release("linkerdCrds", { name: "linkerd-crds", namespace, values: crdsValues, version: part.version }, after);
  const plugin = cni.enabled
    ? [
        room.release("linkerdCni", {
          name: "linkerd2-cni",
          // it writes into the nodes' own folders
          namespace: room.namespace(cni.namespace, {
            podSecurity: "privileged",
            labels: { ...NOT_INJECTED, "linkerd.io/cni-resource": "true" },
          }),
          values: { repairController: { enabled: true } } satisfies CniValues,
          version: part.version,
        }),
      ]
    : [];
  const values = linkerdValues(part, prometheus !== undefined);
  room.release("linkerd", { name: "linkerd-control-plane", namespace, values, version: part.version }, [
    ...made,
    crds,
    ...plugin,
    ...after,
  ]);
}

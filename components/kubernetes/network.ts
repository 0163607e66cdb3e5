import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Metadata } from "./metadata";
import type { IngressController } from "./workload-options";

/** Who is on the other side: pods by namespace and labels, or a range of addresses. */
export interface Peer {
  readonly namespace?: pulumi.Input<string>;
  readonly namespaceLabels?: Record<string, string>;
  readonly podLabels?: Record<string, string>;
  readonly cidr?: string;
  readonly except?: string[];
}

/** Something in the cluster that pods can connect to. */
export interface Reachable {
  readonly peer: Peer;
  readonly port: number;
}

/** Pods of the edge: of the ingress controller, or of Envoy where a Gateway serves. */
export const edgePodsOf = (
  { gateway }: { readonly gateway?: object },
  { ingressController, gatewayProxy }: { readonly ingressController: IngressController; readonly gatewayProxy: IngressController },
): Peer => {
  const { namespace, podLabels } = gateway === undefined ? ingressController : gatewayProxy;
  return { namespace, ...(Object.keys(podLabels).length > 0 && { podLabels }) };
};

export interface Rule {
  readonly peers: "anywhere" | readonly Peer[];
  /** TCP ports; all if left out. */
  readonly ports?: readonly number[];
}

const peerOf = ({ namespace, namespaceLabels, podLabels, cidr, except }: Peer) => {
  if (cidr !== undefined) return { ipBlock: { cidr, except } };
  const labels = namespace === undefined ? namespaceLabels : { "kubernetes.io/metadata.name": namespace };
  return {
    ...(labels && { namespaceSelector: { matchLabels: labels } }),
    ...(podLabels && { podSelector: { matchLabels: podLabels } }),
  };
};

const peersOf = ({ peers }: Rule) => (peers === "anywhere" ? undefined : peers.map(peerOf));
const portsOf = ({ ports }: Rule) => ports?.map((port) => ({ protocol: "TCP", port }));

const DNS = {
  to: [{ namespaceSelector: {}, podSelector: { matchLabels: { "k8s-app": "kube-dns" } } }],
  ports: [
    { protocol: "UDP", port: 53 },
    { protocol: "TCP", port: 53 },
  ],
};

/** Lets in and out what the rules name, and DNS; all else is refused. */
export const networkPolicyOf = (metadata: Metadata, selector: Record<string, string>, ingress: readonly Rule[], egress: readonly Rule[]) =>
  ({
    metadata,
    spec: {
      podSelector: { matchLabels: selector },
      policyTypes: ["Ingress", "Egress"],
      ingress: ingress.map((rule) => ({ from: peersOf(rule), ports: portsOf(rule) })),
      egress: [DNS, ...egress.map((rule) => ({ to: peersOf(rule), ports: portsOf(rule) }))],
    },
  }) satisfies k8s.networking.v1.NetworkPolicyArgs;

import { metadataFor, namedFor } from "./gateway-names";
import type { Metadata } from "./metadata";

/** Where HTTPS ends: listeners of the system's own on the shared Gateway, and the certificates that they show. */

/** Certificate and the hosts it is for. */
export interface Secured {
  readonly secretName: string;
  readonly hosts: readonly string[];
}

export interface GatewayName {
  readonly name: string;
  readonly namespace: string;
}

const GATEWAY_API = "gateway.networking.k8s.io";

/** Groups by a key, in the order in which the keys come. */
const grouped = <Item, Value>(items: readonly Item[], keyOf: (item: Item) => string, valuesOf: (item: Item) => readonly Value[]) => {
  const groups = new Map<string, Set<Value>>();
  for (const item of items) {
    const group = groups.get(keyOf(item)) ?? new Set();
    for (const value of valuesOf(item)) group.add(value);
    groups.set(keyOf(item), group);
  }
  return [...groups].map(([key, values]) => [key, [...values]] as const);
};

/**
 * One HTTPS listener a host, beside the system: its Secret is in its own namespace, where the Gateway may not read without leave.
 * The Gateway has to allow listeners from there (`spec.allowedListeners`).
 */
export const listenersOf = (metadata: Metadata, gateway: GatewayName, tls: readonly Secured[]) => {
  const certificates = tls.flatMap(({ secretName, hosts }) => hosts.map((host) => ({ secretName, host })));
  const byHost = grouped(
    certificates,
    ({ host }) => host,
    ({ secretName }) => [secretName],
  );
  return {
    apiVersion: `${GATEWAY_API}/v1`,
    kind: "ListenerSet",
    metadata: metadataFor(metadata),
    spec: {
      parentRef: { group: GATEWAY_API, kind: "Gateway", ...gateway },
      listeners: byHost.map(([hostname, secrets]) => ({
        name: namedFor("https", hostname),
        hostname,
        port: 443,
        protocol: "HTTPS",
        tls: { mode: "Terminate", certificateRefs: secrets.map((name) => ({ group: "", kind: "Secret", name })) },
        allowedRoutes: { namespaces: { from: "Same" } },
      })),
    },
  };
};

/**
 * What cert-manager obtains. Not named as its Secret is: that is what cert-manager names those that it makes for an Ingress, so that
 * the two can be there together while a system moves from one edge to the other.
 */
export const certificatesOf = (metadata: Metadata, tls: readonly Secured[], clusterIssuer: string) =>
  grouped(
    tls,
    ({ secretName }) => secretName,
    ({ hosts }) => hosts,
  ).map(([secretName, dnsNames]) => ({
    apiVersion: "cert-manager.io/v1",
    kind: "Certificate",
    metadata: metadataFor(metadata, `${secretName}-gateway`),
    spec: { secretName, dnsNames, issuerRef: { group: "cert-manager.io", kind: "ClusterIssuer", name: clusterIssuer } },
  }));

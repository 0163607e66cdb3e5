import { certificatesOf, GatewayName, listenersOf, Secured } from "./gateway-listeners";
import { isLimited, policiesOf } from "./gateway-policies";
import { Cors, ownListeners, plainHttp, redirectOf, routeOf, Share, Site } from "./gateway-routes";
import type { Metadata } from "./metadata";

/** The edge of a system on a Gateway of Envoy Gateway, in place of an Ingress. */

export interface GatewayEdge {
  readonly gateway: GatewayName;
  readonly sites: readonly Site[];
  readonly tls: readonly Secured[];
  /** cert-manager ClusterIssuer that obtains the certificates. @default they are there already */
  readonly clusterIssuer?: string;
  /** Send HTTP to HTTPS. @default only where there is a certificate */
  readonly sslRedirect?: boolean;
  /** Largest request body, as nginx writes sizes; 0 lifts the limit. */
  readonly bodySize: string;
  /** Seconds that a connection may be silent. */
  readonly readTimeoutSeconds: number;
  readonly cors?: Cors;
  /** How requests are shared out. @default all alike, each to any pod */
  readonly shares?: readonly Share[];
}

/** A Kubernetes object of the edge: HTTPRoute, BackendTrafficPolicy, ListenerSet or Certificate. */
export type GatewayObject =
  ReturnType<typeof routeOf | typeof redirectOf | typeof listenersOf> | ReturnType<typeof policiesOf | typeof certificatesOf>[number];

const PARTS = { HTTPRoute: "route", BackendTrafficPolicy: "policy", ListenerSet: "listeners", Certificate: "certificate-" } as const;

/** Which part of its component an object is, such as `route-by-id.do.example.com`. */
export const partOf = (component: string, { kind, metadata: { name } }: GatewayObject): string =>
  `${PARTS[kind as keyof typeof PARTS]}${kind === "Certificate" ? name : name.slice(component.length)}`;

/**
 * All objects of the edge.
 *
 * A host with a certificate is served by a listener of its own on port 443, any other by the Gateway's own on port 80. What is there
 * once a host is named after it, so that a host more changes nothing of the others.
 *
 * @param metadata of the system, whose name all names begin with
 */
export function gatewayObjectsOf(metadata: Metadata, edge: GatewayEdge): GatewayObject[] {
  const { gateway, sites, tls, clusterIssuer, cors, shares = [{ suffix: "" }] } = edge;
  const secured = new Set(tls.flatMap(({ hosts }) => hosts));
  const isSecured = ({ host }: Site) => host !== undefined && secured.has(host);
  const redirects = edge.sslRedirect !== false;
  const limited = isLimited(edge.bodySize);

  const parentsOf = (site: Site) => {
    if (!isSecured(site)) return [plainHttp(gateway)];
    return [ownListeners(metadata.name), ...(redirects ? [] : [plainHttp(gateway)])];
  };
  const shared = shares.map((share) => {
    const routes = merged(sites).map((site) => routeOf(metadata, share, site, { parents: parentsOf(site), cors, limited }));
    const policies = policiesOf(metadata, share, routes, { bodySize: edge.bodySize, idleSeconds: edge.readTimeoutSeconds });
    return { routes, policies };
  });

  return [
    ...(secured.size > 0 ? [listenersOf(metadata, gateway, tls)] : []),
    ...(clusterIssuer === undefined ? [] : certificatesOf(metadata, tls, clusterIssuer)),
    ...shared.flatMap(({ policies }) => policies),
    ...shared.flatMap(({ routes }) => routes),
    ...(redirects ? [...secured].map((host) => redirectOf(metadata, gateway, host)) : []),
  ];
}

/** A host may be written several times; it has one route. */
const merged = (sites: readonly Site[]): Site[] => {
  const hosts = [...new Set(sites.map(({ host }) => host))];
  return hosts.map((host) => ({ host, served: sites.filter((site) => site.host === host).flatMap(({ served }) => served) }));
};

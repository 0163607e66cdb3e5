import { bytesOf } from "./edge-options";
import { metadataFor } from "./gateway-names";
import { LIMITED, type routeOf, type Share } from "./gateway-routes";
import type { Metadata } from "./metadata";

/** BackendTrafficPolicies of Envoy Gateway: how long, how much, and to which pod. */

type Route = ReturnType<typeof routeOf>;

/** Size of Maglev's table, a prime: Envoy's own default, written down since another one moves every object. */
const TABLE_SIZE = 65_537;

/** A request may go on, as with ingress-nginx; Envoy's default is 15 s. */
const NO_END = "0s";
/**
 * How long a connection to a pod is kept for the next request, as with ingress-nginx. Envoy's default is an hour, and Envoy Gateway does
 * not close those to a pod that is told to stop: a pod that waits for its last connection would wait as long.
 */
const KEPT_OPEN = "60s";

const UNITS: Readonly<Record<string, string>> = { k: "Ki", m: "Mi", g: "Gi" };
/** A size as nginx writes it, as Kubernetes does. */
const quantityOf = (size: string): string => `${Number.parseInt(size)}${UNITS[size.at(-1) ?? ""] ?? ""}`;
export const isLimited = (bodySize: string): boolean => bytesOf(bodySize) > 0;

interface Options {
  /** As nginx writes sizes; 0 lifts the limit. */
  readonly bodySize: string;
  /** Seconds that a connection may be silent. */
  readonly idleSeconds: number;
}

/**
 * The policy of one share's routes; and where bodies are limited, one of the rules that are not for WebSockets. The more specific
 * one replaces the other whole, so that each says all.
 */
export function policiesOf(metadata: Metadata, { suffix, hashBy }: Share, routes: readonly Route[], { bodySize, idleSeconds }: Options) {
  const policyOf = (name: string, targetRefs: object[], further: object) => ({
    apiVersion: "gateway.envoyproxy.io/v1alpha1",
    kind: "BackendTrafficPolicy",
    metadata: metadataFor(metadata, name),
    spec: {
      targetRefs,
      timeout: { http: { requestTimeout: NO_END, streamIdleTimeout: `${idleSeconds}s`, connectionIdleTimeout: KEPT_OPEN } },
      ...(hashBy !== undefined && {
        // to the pods, whatever the Gateway's default is: by the Service's address nothing would be left to hash
        routingType: "Endpoint",
        loadBalancer: {
          type: "ConsistentHash",
          consistentHash: { type: "Headers", headers: [{ name: hashBy }], tableSize: TABLE_SIZE },
        },
      }),
      ...further,
    },
  });
  const target = ({ metadata: { name } }: Route) => ({ group: "gateway.networking.k8s.io", kind: "HTTPRoute", name });
  const whole = policyOf(`${metadata.name}${suffix}`, routes.map(target), {});
  if (!isLimited(bodySize)) return [whole];
  const rules = routes.flatMap((route) =>
    route.spec.rules.filter(({ name }) => name.startsWith(LIMITED)).map(({ name }) => ({ ...target(route), sectionName: name })),
  );
  return [whole, policyOf(`${metadata.name}${suffix}-limited`, rules, { requestBuffer: { limit: quantityOf(bodySize) } })];
}

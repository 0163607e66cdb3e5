import type { KubernetesObject, V1EndpointSlice, V1Ingress, V1Service } from "@kubernetes/client-node";
import { describe, failed, passed, worst, type Check, type Ref, type World } from "../check";
import { conditionOf, type Condition } from "../conditions";

const hasAddress = (service: V1Service) => Boolean(service.spec?.clusterIP);

export const servicesServed: Check<V1Service> = {
  id: "services-served",
  title: "Services have their address, and ready pods behind it",
  source: ["plinko-10"],
  kinds: ["Service"],
  async check({ live }, world) {
    const { name, namespace = "" } = live.metadata ?? {};
    if (live.spec?.type === "ExternalName") return undefined;
    if (!hasAddress(live)) return failed("has no ClusterIP");
    if (Object.keys(live.spec?.selector ?? {}).length === 0) return passed(`${live.spec?.clusterIP}`); // somebody else says what is behind it
    const slices = await world.list<V1EndpointSlice>("discovery.k8s.io/v1", "EndpointSlice", namespace);
    const endpoints = slices
      .filter(({ metadata }) => metadata?.labels?.["kubernetes.io/service-name"] === name)
      .flatMap(({ endpoints }) => endpoints ?? [])
      .filter(({ conditions }) => conditions?.ready !== false);
    return endpoints.length > 0 ? passed(`${live.spec?.clusterIP}, ${endpoints.length} ready`) : failed("no ready pod is behind it");
  },
  next: ({ namespace, name }) => `kubectl describe -n ${namespace} service/${name}   # its selector, and pods with these labels`,
};

export interface ParentRef {
  readonly group?: string;
  readonly kind?: string;
  readonly name: string;
  readonly namespace?: string;
}

interface RouteRule {
  readonly backendRefs?: readonly { readonly name: string }[];
}

/** A part of Gateway API's edge: a Gateway, a set of listeners of one, or a route. */
export interface Edge extends KubernetesObject {
  readonly spec?: {
    readonly hostnames?: readonly string[];
    readonly parentRef?: ParentRef;
    readonly parentRefs?: readonly ParentRef[];
    readonly rules?: readonly RouteRule[];
  };
  readonly status?: {
    readonly addresses?: readonly { readonly value?: string }[];
    readonly conditions?: readonly Condition[];
    readonly parents?: readonly { readonly parentRef: ParentRef; readonly conditions?: readonly Condition[] }[];
  };
}

type Entrance = V1Ingress | V1Service | Edge;

const GATEWAY_API = "gateway.networking.k8s.io/v1";

/** The object that a route or a set of listeners hangs on. */
const parentOf = (ref: ParentRef, namespace: string | undefined): Ref => ({
  apiVersion: GATEWAY_API,
  kind: ref.kind ?? "Gateway",
  namespace: ref.namespace ?? namespace,
  name: ref.name,
});

/** Address under which an entrance is reached: its own, or that of the Gateway that it hangs on. */
export async function addressOf(entrance: Entrance, world: World): Promise<string | undefined> {
  const { status, spec, metadata } = entrance as Edge & V1Ingress;
  const [own] = status?.loadBalancer?.ingress ?? [];
  const given = own?.ip ?? own?.hostname ?? status?.addresses?.[0]?.value;
  if (given) return given;
  const ref = spec?.parentRef ?? (spec as Edge["spec"])?.parentRefs?.[0];
  const parent = ref && (await world.get<Edge>(parentOf(ref, metadata?.namespace)));
  return parent && addressOf(parent, world);
}

export const addressGiven: Check<Entrance> = {
  id: "address-given",
  title: "Ingresses, Gateways and load balancers have an address",
  source: ["plinko-11", "starter-3"],
  kinds: ["Ingress", "Gateway", "HTTPRoute", "Service"],
  async check({ live, deployed }, world) {
    if (deployed.kind === "Service" && (live as V1Service).spec?.type !== "LoadBalancer") return undefined;
    const address = await addressOf(live, world);
    return address === undefined ? failed("has no address yet") : passed(address);
  },
  next: describe,
};

export const edgeAccepted: Check<Edge> = {
  id: "edge-accepted",
  title: "the edge's controller has accepted Gateways, listeners and routes",
  source: ["starter-3", "plinko-15"],
  kinds: ["Gateway", "ListenerSet", "HTTPRoute"],
  check({ live, deployed }) {
    if (deployed.kind !== "HTTPRoute") return worst(["Accepted", "Programmed"].map((type) => conditionOf(live.status?.conditions, type)));
    const parents = live.status?.parents ?? [];
    if (parents.length < (live.spec?.parentRefs?.length ?? 0)) return failed("no controller has said yet whether it takes it");
    return worst(
      parents.flatMap(({ parentRef, conditions }) =>
        ["Accepted", "ResolvedRefs"].map((type) => {
          const { status, found } = conditionOf(conditions, type);
          return { status, found: status === "passed" ? `by ${parentRef.name}` : `by ${parentRef.name}: ${found}` };
        }),
      ),
    );
  },
  next: describe,
};

import type { Rule } from "../rule";
import { isPartOf, kindOf, metadataOf } from "../resources";

interface Hash {
  readonly type?: string;
  readonly headers?: readonly { readonly name?: string }[];
}
interface TrafficSpec {
  readonly loadBalancer?: { readonly consistentHash?: Hash };
}
interface RouteSpec {
  readonly rules?: readonly { readonly sessionPersistence?: object }[];
}

const COMPONENT = "stackyard:dotdo:Dotdo";
const NGINX = "nginx.ingress.kubernetes.io";

export const dotdoHashKey: Rule = {
  id: "dotdo-hash-key",
  severity: "high",
  reason: "A key that joins two variables sends the requests of one Durable Object to as many pods as it has URIs.",
  remedy: `Hash by one variable: ${NGINX}/upstream-hash-by: "$http_x_do_id", and by URI only where that header is absent. On a Gateway by one header a policy, X-DO-ID or :path.`,
  source: "seed 000, Routing Strategy; contract 1.9, 10",
  check: (resource, report) => {
    if (!isPartOf(COMPONENT, resource)) return;
    const kind = kindOf(resource.type);
    if (kind === "BackendTrafficPolicy") {
      const hash = (resource.props["spec"] as TrafficSpec | undefined)?.loadBalancer?.consistentHash;
      const by = hash?.type === "Headers" ? (hash.headers ?? []).map(({ name }) => name).join(" and ") : hash?.type;
      const single = hash === undefined || (hash.type === "Headers" && hash.headers?.length === 1);
      if (!single) report(`BackendTrafficPolicy "${resource.name}" hashes by ${by}`);
    }
    if (kind !== "Ingress") return;
    const key = metadataOf(resource)?.annotations?.[`${NGINX}/upstream-hash-by`];
    if (key !== undefined && !/^\$(\w+|\{\w+\})$/.test(key)) report(`The hash key of Ingress "${resource.name}" is "${key}"`);
  },
};

export const noCookieBesideHash: Rule = {
  id: "no-cookie-beside-hash",
  severity: "high",
  reason: "ingress-nginx takes cookie affinity before the hash, which is then never asked; so does Envoy with session persistence.",
  remedy: `Take ${NGINX}/affinity out, or sessionPersistence from dotdo's HTTPRoutes, or the hash.`,
  source: "contract 1.9, 10",
  check: (resource, report) => {
    const kind = kindOf(resource.type);
    if (kind === "HTTPRoute" && isPartOf(COMPONENT, resource)) {
      const { rules = [] } = (resource.props["spec"] ?? {}) as RouteSpec;
      if (rules.some(({ sessionPersistence }) => sessionPersistence !== undefined)) {
        report(`HTTPRoute "${resource.name}" has both session persistence and a hash`);
      }
    }
    if (kind !== "Ingress") return;
    const annotations = metadataOf(resource)?.annotations;
    if (annotations?.[`${NGINX}/upstream-hash-by`] !== undefined && annotations[`${NGINX}/affinity`] !== undefined) {
      report(`Ingress "${resource.name}" has both cookie affinity and a hash`);
    }
  },
};

interface Bounds {
  readonly minReplicas?: number;
  readonly maxReplicas?: number;
}

export const dotdoScaling: Rule = {
  id: "dotdo-scaling",
  severity: "medium",
  reason: "One pod is none while its node is drained, and each pod more is one more client of the database.",
  remedy: "Keep autoscaling.minReplicas and maxReplicas within the bounds, or widen them in a policy config.",
  source: "seed 000, Key Parameters: 2 to 100; contract 1.5: 200 in production",
  config: { properties: { min: { type: "integer", minimum: 1, default: 2 }, max: { type: "integer", minimum: 1, default: 200 } } },
  check: (resource, report) => {
    if (kindOf(resource.type) !== "HorizontalPodAutoscaler" || !isPartOf(COMPONENT, resource)) return;
    const { min, max } = resource.getConfig<{ min: number; max: number }>();
    const { minReplicas = 1, maxReplicas = 0 } = (resource.props["spec"] ?? {}) as Bounds;
    if (minReplicas < min) report(`minReplicas is ${minReplicas}, less than ${min}`);
    if (maxReplicas > max) report(`maxReplicas is ${maxReplicas}, more than ${max}`);
  },
};

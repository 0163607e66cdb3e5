import type { types } from "@pulumi/kubernetes";
import { objectRule } from "../rule";
import { isDotdo } from "../systems";

interface Hash {
  readonly type?: string;
  readonly headers?: readonly { readonly name?: string }[];
}
interface TrafficSpec {
  readonly loadBalancer: { readonly consistentHash: Hash };
}
interface RouteSpec {
  readonly rules: readonly { readonly sessionPersistence?: object }[];
}
type AutoscalerSpec = types.output.autoscaling.v2.HorizontalPodAutoscalerSpec;

const NGINX = "nginx.ingress.kubernetes.io";

export const dotdoHashKey = objectRule({
  id: "dotdo-hash-key",
  family: "dotdo",
  severity: "high",
  refusesUnknown: true,
  reason: "A key that joins two variables sends the requests of one Durable Object to as many pods as it has URIs.",
  remedy: `Hash by one variable: ${NGINX}/upstream-hash-by: "$http_x_do_id", and by URI only where that header is absent. On a Gateway by one header a policy, X-DO-ID or :path.`,
  source: "seed 000, Routing Strategy; contract 1.9, 10",
  check: (object, report) => {
    if (!isDotdo(object)) return;
    if (object.kind === "BackendTrafficPolicy") {
      const hash = object.spec<TrafficSpec>().loadBalancer?.consistentHash;
      const by = hash?.type === "Headers" ? (hash.headers ?? []).map(({ name }) => name).join(" and ") : hash?.type;
      const single = hash === undefined || (hash.type === "Headers" && hash.headers?.length === 1);
      if (!single) report({ field: "spec.loadBalancer.consistentHash", problem: `hashes by ${by}, and has to hash by one header` });
    }
    if (object.kind !== "Ingress") return;
    const key = object.metadata.annotations?.[`${NGINX}/upstream-hash-by`];
    if (key === undefined || /^\$(\w+|\{\w+\})$/.test(key)) return;
    report({ field: `metadata.annotations.${NGINX}/upstream-hash-by`, problem: `is "${key}", and has to be one variable` });
  },
});

export const noCookieBesideHash = objectRule({
  id: "no-cookie-beside-hash",
  family: "dotdo",
  severity: "high",
  reason: "ingress-nginx takes cookie affinity before the hash, which is then never asked; so does Envoy with session persistence.",
  remedy: `Take ${NGINX}/affinity out, or sessionPersistence from dotdo's HTTPRoutes, or the hash.`,
  source: "contract 1.9, 10",
  check: (object, report) => {
    if (object.kind === "HTTPRoute" && isDotdo(object)) {
      const { rules = [] } = object.spec<RouteSpec>();
      rules.forEach(({ sessionPersistence }, index) => {
        if (sessionPersistence !== undefined) report({ field: `spec.rules[${index}].sessionPersistence`, problem: "stands beside a hash" });
      });
    }
    if (object.kind !== "Ingress") return;
    const { annotations = {} } = object.metadata;
    if (annotations[`${NGINX}/upstream-hash-by`] !== undefined && annotations[`${NGINX}/affinity`] !== undefined) {
      report({ field: `metadata.annotations.${NGINX}/affinity`, problem: "stands beside a hash" });
    }
  },
});

export const dotdoScaling = objectRule({
  id: "dotdo-scaling",
  family: "dotdo",
  severity: "medium",
  reason: "One pod is none while its node is drained, and each pod more is one more client of the database.",
  remedy: "Keep autoscaling.minReplicas and maxReplicas within the bounds, or widen them in stackyard:policy.",
  source: "seed 000, Key Parameters; contract 1.5: 2 to 100, in production 5 to 200, on Fly 2 to 50",
  values: { min: 2, max: 100 },
  check: (object, report, { min, max }) => {
    if (object.kind !== "HorizontalPodAutoscaler" || !isDotdo(object)) return;
    const { minReplicas = 1, maxReplicas = 0 } = object.spec<AutoscalerSpec>();
    if (minReplicas < min) report({ field: "spec.minReplicas", problem: `is ${minReplicas}, and has to be at least ${min}` });
    if (maxReplicas > max) report({ field: "spec.maxReplicas", problem: `is ${maxReplicas}, and has to be at most ${max}` });
  },
});

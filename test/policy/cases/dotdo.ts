import { drop, put, unknown, withField, type Case, type Fixture, type Mutation } from "../case";
import { autoscaler, deployment } from "./fixtures";

const NGINX = "nginx.ingress.kubernetes.io";
const KEY = `metadata.annotations["${NGINX}/upstream-hash-by"]`;
const parents = ["stackyard:dotdo:Dotdo"];
const ingress = (key = "$http_x_do_id"): Fixture => ({
  type: "kubernetes:networking.k8s.io/v1:Ingress",
  name: "dotdo-ingress",
  parents,
  props: { metadata: { name: "dotdo", namespace: "dotdo", annotations: { [`${NGINX}/upstream-hash-by`]: key } } },
});
const trafficPolicy: Fixture = {
  type: "kubernetes:gateway.envoyproxy.io/v1alpha1:BackendTrafficPolicy",
  name: "dotdo-policy-by-id",
  parents,
  props: { metadata: { name: "dotdo" }, spec: { loadBalancer: { consistentHash: { type: "Headers", headers: [{ name: "X-DO-ID" }] } } } },
};
const route: Fixture = {
  type: "kubernetes:gateway.networking.k8s.io/v1:HTTPRoute",
  name: "dotdo-route",
  parents,
  props: { metadata: { name: "dotdo", namespace: "dotdo" }, spec: { rules: [{ matches: [] }] } },
};

const HASH = "spec.loadBalancer.consistentHash";
const persistent = withField(route, "spec.rules[0].sessionPersistence", { type: "Cookie" });

const hashedBy = (key: string): Mutation => ({
  by: `hash key ${key}`,
  change: put(KEY, key),
  finds: [{ field: `metadata.annotations.${NGINX}/upstream-hash-by`, problem: `is "${key}", and has to be one variable` }],
});
const policyBy = (by: string, consistentHash: object): Mutation => ({
  by: `a Gateway that hashes by ${by}`,
  of: 3,
  change: put("spec.loadBalancer.consistentHash", { type: "Headers", headers: [{ name: "X-DO-ID" }], ...consistentHash }),
  finds: [{ field: "spec.loadBalancer.consistentHash", problem: `hashes by ${by}, and has to hash by one header` }],
});

export const dotdo = {
  "dotdo-hash-key": {
    valid: [
      [ingress()],
      [ingress("$request_uri")],
      [ingress("${dotdo_hash_key}")],
      [trafficPolicy],
      [{ ...ingress("$a$b"), parents: [] }], // another's
      [{ ...ingress("$a$b"), type: "kubernetes:core/v1:Service" }],
      [withField(ingress(), "metadata.annotations", {})],
      [withField(trafficPolicy, "spec.loadBalancer", { type: "RoundRobin" })],
      [{ ...withField(trafficPolicy, HASH, { type: "Cookie" }), type: "kubernetes:gateway.envoyproxy.io/v1alpha1:EnvoyProxy" }],
    ],
    mutations: [
      hashedBy("$http_x_do_id$request_uri"),
      hashedBy("${http_x_do_id}-$request_uri"),
      hashedBy("dotdo"),
      policyBy("X-DO-ID and :path", { headers: [{ name: "X-DO-ID" }, { name: ":path" }] }),
      policyBy("Cookie", { type: "Cookie" }),
      {
        by: "a key that is not known yet",
        change: put(KEY, unknown),
        finds: [{ field: `metadata.annotations.${NGINX}/upstream-hash-by`, problem: "is not known before the update, and has to be" }],
      },
    ],
  },
  "no-cookie-beside-hash": {
    valid: [
      [ingress()],
      [route],
      [{ ...persistent, parents: [] }],
      [{ ...persistent, type: "kubernetes:gateway.networking.k8s.io/v1:GRPCRoute" }],
      [withField(ingress(), "metadata.annotations", { [`${NGINX}/affinity`]: "cookie" })],
      [{ ...withField(ingress(), `metadata.annotations["${NGINX}/affinity"]`, "cookie"), type: "kubernetes:core/v1:Service" }],
    ],
    mutations: [
      {
        by: "cookie affinity",
        change: put(`metadata.annotations["${NGINX}/affinity"]`, "cookie"),
        finds: [{ field: `metadata.annotations.${NGINX}/affinity`, problem: "stands beside a hash" }],
      },
      {
        by: "session persistence",
        of: 1,
        change: put("spec.rules[0].sessionPersistence", { type: "Cookie" }),
        finds: [{ field: "spec.rules[0].sessionPersistence", problem: "stands beside a hash" }],
      },
    ],
  },
  "dotdo-scaling": {
    valid: [
      [autoscaler("dotdo", parents)],
      [withField(autoscaler("dotdo", parents), "spec.maxReplicas", 100)],
      [withField(autoscaler("other"), "spec.minReplicas", 1)],
      [deployment("dotdo", parents)],
    ],
    mutations: [
      {
        by: "minReplicas 1",
        change: put("spec.minReplicas", 1),
        finds: [{ field: "spec.minReplicas", problem: "is 1, and has to be at least 2" }],
      },
      {
        by: "no minReplicas",
        change: drop("spec.minReplicas"),
        finds: [{ field: "spec.minReplicas", problem: "is 1, and has to be at least 2" }],
      },
      {
        by: "maxReplicas 101",
        change: put("spec.maxReplicas", 101),
        finds: [{ field: "spec.maxReplicas", problem: "is 101, and has to be at most 100" }],
      },
    ],
  },
} satisfies Record<string, Case>;

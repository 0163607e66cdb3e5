import { drop, put, unknown, withField, type Case, type Fixture, type Mutation } from "../case";

const NGINX = "nginx.ingress.kubernetes.io";
const service = (spec: object = {}): Fixture => ({
  type: "kubernetes:core/v1:Service",
  name: "api",
  props: { metadata: { name: "api", namespace: "example" }, spec: { selector: { a: "b" }, ports: [{ port: 80 }], ...spec } },
});
const ingress = (...hosts: (string | undefined)[]): Fixture => ({
  type: "kubernetes:networking.k8s.io/v1:Ingress",
  name: "api",
  props: {
    metadata: { name: "api", namespace: "example", annotations: { [`${NGINX}/proxy-body-size`]: "1m" } },
    spec: { rules: hosts.map((host) => ({ host })), tls: [{ hosts: ["a.example.com"], secretName: "tls" }] },
  },
});
const route = (...hostnames: string[]): Fixture => ({
  type: "kubernetes:gateway.networking.k8s.io/v1:HTTPRoute",
  name: "api",
  props: { metadata: { name: "api", namespace: "example" }, spec: { hostnames } },
});
const inClear = (host: string | undefined, ...tls: object[]): Mutation => ({
  by: `host ${host} beside ${JSON.stringify(tls)}`,
  change: ([fixture]) => Object.assign(fixture!, withField(ingress(host), "spec.tls", tls)),
  finds: [{ field: "spec.tls", problem: host === undefined ? "is missing" : `does not name ${host}` }],
});
const ofType = (type: string): Mutation => ({
  by: `type ${type}`,
  change: put("spec.type", type),
  finds: [{ field: "spec.type", problem: `is ${type}, and has to be ClusterIP or ExternalName` }],
});
const snippet = (name: string): Mutation => ({
  by: name,
  change: put(`metadata.annotations["${NGINX}/${name}"]`, "hunter2"),
  finds: [{ field: `metadata.annotations.${NGINX}/${name}`, problem: "has to be left out" }],
});
const other = (fixture: Fixture, type: string): Fixture[] => [{ ...fixture, type }];
const CONFIG_MAP = "kubernetes:core/v1:ConfigMap";

export const exposure = {
  "service-internal": {
    valid: [
      [service()],
      [service({ type: "ClusterIP", clusterIP: "None", externalIPs: [] })],
      [service({ type: "ExternalName" })],
      other(service({ type: "NodePort" }), CONFIG_MAP),
    ],
    mutations: [
      ofType("NodePort"),
      ofType("LoadBalancer"),
      {
        by: "addresses from outside",
        change: put("spec.externalIPs", ["203.0.113.7"]),
        finds: [{ field: "spec.externalIPs", problem: "is set, and has to be left out" }],
      },
    ],
  },
  "ingress-tls": {
    valid: [
      [ingress("a.example.com")],
      [ingress("dotdo.localhost", "localhost")],
      [withField(ingress("b.example.com"), "spec.tls", [{}, { hosts: ["*.example.com"] }])],
      [ingress(undefined)],
      [withField(ingress(), "spec.rules", undefined)],
      other(ingress("b.example.com"), CONFIG_MAP),
    ],
    mutations: [
      inClear("b.example.com", { hosts: ["a.example.com"] }),
      inClear("b.example.com", { secretName: "tls" }),
      inClear("a.b.example.com", { hosts: ["*.example.com"] }),
      inClear("example.com", { hosts: ["*.example.com"] }),
      inClear("b.example.com", { hosts: ["..example.com"] }),
      inClear("notlocalhost"),
      inClear("localhost.example.com"),
      inClear(undefined),
      { by: "no TLS at all", change: drop("spec.tls"), finds: [{ field: "spec.tls", problem: "does not name a.example.com" }] },
      {
        by: "a default backend alone, without TLS",
        of: 4,
        change: drop("spec.tls"),
        finds: [{ field: "spec.tls", problem: "is missing" }],
      },
      {
        by: "a host behind one that is not known yet",
        change: put("spec.rules", [{ host: unknown }, { host: "b.example.com" }]),
        finds: [
          { field: "spec.tls", problem: "does not name b.example.com" },
          { field: "spec.rules.0.host", problem: "is not known before the update: not judged yet", unjudged: true },
        ],
      },
    ],
  },
  "hosts-named": {
    valid: [[ingress("a.example.com", "b.example.com")], [route("a.example.com")], other(ingress("*"), CONFIG_MAP)],
    mutations: [
      {
        by: "an Ingress without host, and one of all",
        change: put("spec.rules", [{ host: "a.example.com" }, {}, { host: "*.example.com" }]),
        finds: [
          { field: "spec.rules[1].host", problem: "is missing, and has to be one host" },
          { field: "spec.rules[2].host", problem: 'is "*.example.com", and has to be one host' },
        ],
      },
      {
        by: "a route of all",
        of: 1,
        change: put("spec.hostnames", ["a.example.com", "*.example.com"]),
        finds: [{ field: "spec.hostnames", problem: 'is "*.example.com", and has to be one host' }],
      },
      {
        by: "a route without hostnames",
        of: 1,
        change: drop("spec.hostnames"),
        finds: [{ field: "spec.hostnames", problem: "is missing, and has to be one host" }],
      },
    ],
  },
  "no-ingress-snippet": {
    valid: [
      [ingress("a.example.com")],
      [withField(ingress(), 'metadata.annotations["example.com/server-snippet"]', "a")],
      other(withField(ingress(), `metadata.annotations["${NGINX}/server-snippet"]`, "a"), CONFIG_MAP),
      [withField(ingress(), `metadata.annotations["${NGINX}/server-snippets-none"]`, "a")],
      [withField(ingress(), `metadata.annotations["example.com/${NGINX}/server-snippet"]`, "a")],
    ],
    mutations: [
      snippet("server-snippet"),
      snippet("configuration-snippet"),
      {
        by: "annotations that are not known yet",
        change: put("metadata.annotations", unknown),
        finds: [{ field: "metadata.annotations", problem: "is not known before the update, and has to be" }],
      },
    ],
  },
} satisfies Record<string, Case>;

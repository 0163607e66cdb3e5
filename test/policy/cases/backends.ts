import { drop, put, type Case, type Fixture } from "../case";
import { after, changed, chart, deployment, namespace, object, service } from "./wired";

const PORTS = "spec.template.spec.containers[0].ports";
const served = (): Fixture[] => {
  const stack = [service(), deployment()];
  put(PORTS, [{ name: "http", containerPort: 8080 }], 1)(stack);
  return stack;
};
const notNamed = (name = "http", protocol = "TCP") => [
  {
    field: "spec.ports[0].targetPort",
    problem: `is "${name}" of ${protocol}, which no container of Deployment example/api has`,
  },
];

const backend = (port: object) => ({ service: { name: "service", port } });
const ingress = object("networking.k8s.io/v1:Ingress", "ingress", {
  defaultBackend: backend({ number: 80 }),
  rules: [{ http: { paths: [{ path: "/", backend: backend({ name: "http" }) }] } }, { host: "example.com" }],
});
const route = object("gateway.networking.k8s.io/v1:HTTPRoute", "route", {
  rules: [{ backendRefs: [{ name: "service", port: 80 }] }, {}],
});
const PATH = "spec.rules[0].http.paths[0].backend.service";
const REF = "spec.rules[0].backendRefs[0]";
const none = (field: string, name = "other", where = "example") => [
  { field: `${field}.name`, problem: `is "${name}", and the stack has no such Service in namespace ${where}` },
];

const database = (): Fixture[] => {
  const stack = [{ ...deployment(), type: "kubernetes:apps/v1:StatefulSet" }, service()];
  put("spec.serviceName", "service")(stack);
  return stack;
};

export const backends = {
  "service-port-of-pods": {
    valid: [
      served(),
      changed(served(), "spec.ports[0].targetPort", 8081),
      changed(served(), "spec.ports[0].protocol", "TCP"),
      after(served(), drop(PORTS, 1), put("spec.template.spec.initContainers[0].ports", [{ name: "http", protocol: "TCP" }], 1)), // a sidecar's
      [service("other"), deployment()],
      changed([service(), deployment()], "spec.type", "ExternalName"),
    ],
    mutations: [
      { by: "a name that no port has", change: put("spec.ports[0].targetPort", "web"), finds: notNamed("web") },
      { by: "a name of another protocol", change: put(`${PORTS}[0].protocol`, "UDP", 1), finds: notNamed() },
      { by: "another protocol", change: put("spec.ports[0].protocol", "UDP"), finds: notNamed("http", "UDP") },
      { by: "pods without ports", change: drop(PORTS, 1), finds: notNamed() },
      {
        by: "the second port",
        change: put("spec.ports[1]", { name: "web", port: 81, targetPort: "web" }),
        finds: notNamed("web").map((found) => ({ ...found, field: "spec.ports[1].targetPort" })),
      },
    ],
  },
  "route-backend-exists": {
    valid: [
      [ingress, service()],
      [route, service()],
      changed([ingress], PATH, { name: "another stack's", port: { number: 80 } }),
      changed([route, service()], REF, { kind: "Bucket", name: "other" }),
      changed([route, service()], `${REF}.namespace`, "another stack's"),
      changed([route, service(), chart], `${REF}.name`, "other"),
      changed([ingress, service()], "spec.defaultBackend", { resource: { kind: "Bucket", name: "static" } }),
      changed([route, service()], `${REF}.port`, undefined),
      [
        { ...route, type: "kubernetes:example.com/v1:OtherRoute", props: { spec: { rules: [{ backendRefs: [{ name: "other" }] }] } } },
        service(),
      ],
    ],
    mutations: [
      { by: "an Ingress to another Service", change: put(`${PATH}.name`, "other"), finds: none(PATH) },
      {
        by: "a default backend that is missing",
        change: put("spec.defaultBackend.service.name", "other"),
        finds: none("spec.defaultBackend.service"),
      },
      {
        by: "a port by number that it has not",
        change: put(`${PATH}.port`, { number: 81 }),
        finds: [{ field: `${PATH}.port`, problem: "is 81, and Service example/service has 80 (http)" }],
      },
      {
        by: "a port by name that it has not",
        change: put(`${PATH}.port`, { name: "web" }),
        finds: [{ field: `${PATH}.port`, problem: "is web, and Service example/service has 80 (http)" }],
      },
      { by: "a route to another Service", of: 1, change: put(`${REF}.name`, "other"), finds: none(REF) },
      {
        by: "a route to a Service of a namespace that the stack makes, too",
        of: 1,
        change: (stack) => {
          stack.push({ ...namespace, props: { metadata: { name: "elsewhere" } } });
          put(`${REF}.namespace`, "elsewhere")(stack);
        },
        finds: none(REF, "service", "elsewhere"),
      },
      {
        by: "a port without a name",
        of: 1,
        change: put("spec.ports[0]", { port: 81 }, 1),
        finds: [{ field: `${REF}.port`, problem: "is 80, and Service example/service has 81" }],
      },
      {
        by: "a Service without ports",
        of: 1,
        change: drop("spec.ports", 1),
        finds: [{ field: `${REF}.port`, problem: "is 80, and Service example/service has none" }],
      },
    ],
  },
  "stateful-set-has-service": {
    valid: [
      database(),
      changed(database(), "spec.serviceName", ""),
      [...changed(database(), "spec.serviceName", "other"), chart],
      changed(database().slice(0, 1), "spec.serviceName", "another stack's"),
      [service("other"), deployment()],
    ],
    mutations: [
      {
        by: "another name",
        change: put("spec.serviceName", "other"),
        finds: [{ field: "spec.serviceName", problem: 'is "other", and the stack has no such Service in namespace example' }],
      },
      {
        by: "a Service of other pods",
        change: put("spec.selector.tier", "front", 1),
        finds: [{ field: "spec.serviceName", problem: 'is "service", and it does not take its pods' }],
      },
      {
        by: "a Service without selector",
        change: drop("spec.selector", 1),
        finds: [{ field: "spec.serviceName", problem: 'is "service", and it does not take its pods' }],
      },
    ],
  },
} satisfies Record<string, Case>;

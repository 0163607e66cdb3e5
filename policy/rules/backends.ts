import type { types } from "@pulumi/kubernetes";
import type { KubernetesObject, Partly } from "../object";
import { podTemplateOf } from "../pods";
import { each, stackRule, type Report } from "../rule";
import type { StackIndex } from "../stack-index";
import { serviceSelectorOf } from "./selectors";

type ServiceSpec = types.output.core.v1.ServiceSpec;
type IngressSpec = types.output.networking.v1.IngressSpec;
type StatefulSetSpec = types.output.apps.v1.StatefulSetSpec;

export const servicePortOfPods = stackRule({
  id: "service-port-of-pods",
  family: "wiring",
  severity: "high",
  reason: "A port that is named, and that a pod does not have, leaves the pod out of the Service.",
  remedy: "Name a port of the containers in targetPort, of the same protocol.",
  source: "Kubernetes, Service: Port definitions",
  checkIn: (object, stack, report) => {
    const selector = serviceSelectorOf(object);
    if (selector === undefined) return;
    const workloads = stack.selected(object.namespace, selector);
    const { ports = [] } = object.spec<ServiceSpec>();
    each(ports, ({ targetPort, protocol = "TCP" }) => {
      if (typeof targetPort !== "string") return;
      each(workloads, (workload) => {
        const { containers = [], initContainers = [] } = podTemplateOf(workload)?.spec ?? {};
        const named = [...containers, ...initContainers].some(({ ports = [] }) =>
          ports.some((port) => port.name === targetPort && (port.protocol ?? "TCP") === protocol),
        );
        if (named) return;
        const field = `spec.ports[${ports.findIndex((port) => port.targetPort === targetPort)}].targetPort`;
        report({ field, problem: `is "${targetPort}" of ${protocol}, which no container of ${workload.title} has` });
      });
    });
  },
});

interface Backend {
  readonly field: string;
  readonly namespace?: string;
  readonly name?: string;
  /** Number, or in an Ingress its name. */
  readonly port?: number | string;
}
interface RouteSpec {
  readonly rules: readonly {
    readonly backendRefs: readonly { readonly kind?: string; readonly name: string; readonly namespace?: string; readonly port?: number }[];
  }[];
}
type IngressBackend = IngressSpec["defaultBackend"];

function ofIngress(object: KubernetesObject): readonly Backend[] {
  const { defaultBackend, rules = [] } = object.spec<IngressSpec>();
  const backendOf = (field: string, backend: Partly<IngressBackend> | undefined): Backend[] =>
    backend?.service === undefined
      ? []
      : [{ field, name: backend.service.name, port: backend.service.port?.number ?? backend.service.port?.name }];
  return [
    ...backendOf("spec.defaultBackend.service", defaultBackend),
    ...rules.flatMap(({ http }, rule) =>
      (http?.paths ?? []).flatMap(({ backend }, path) => backendOf(`spec.rules[${rule}].http.paths[${path}].backend.service`, backend)),
    ),
  ];
}
const ofRoute = (object: KubernetesObject): readonly Backend[] =>
  (object.spec<RouteSpec>().rules ?? []).flatMap(({ backendRefs = [] }, rule) =>
    backendRefs.flatMap(({ kind = "Service", ...backend }, index) =>
      kind === "Service" ? [{ ...backend, field: `spec.rules[${rule}].backendRefs[${index}]` }] : [],
    ),
  );

const backendsOf = (object: KubernetesObject): readonly Backend[] => {
  if (object.kind === "Ingress") return ofIngress(object);
  return /^(HTTP|GRPC|TLS|TCP|UDP)Route$/.test(object.kind) ? ofRoute(object) : [];
};

/** Whether the Services of a namespace are this stack's to make, and before our eyes. */
const seesServices = (stack: StackIndex, namespace: string | undefined): boolean =>
  (stack.makes(namespace) || stack.inNamespace(namespace, "Service").length > 0) && !stack.hasChart(namespace);

function reportBackend({ field, namespace, name = "", port }: Backend, stack: StackIndex, report: Report): void {
  if (!seesServices(stack, namespace)) return;
  const service = stack.find("Service", namespace, name);
  if (service === undefined) {
    report({ field: `${field}.name`, problem: `is "${name}", and the stack has no such Service in namespace ${namespace}` });
    return;
  }
  const ports = service.spec<ServiceSpec>().ports ?? [];
  if (port === undefined || ports.some((offered) => offered.port === port || offered.name === port)) return;
  const offered = ports.map(({ name, port }) => (name === undefined ? port : `${port} (${name})`)).join(", ");
  report({ field: `${field}.port`, problem: `is ${port}, and ${service.title} has ${offered || "none"}` });
}

export const routeBackendExists = stackRule({
  id: "route-backend-exists",
  family: "wiring",
  severity: "high",
  reason: "What comes in by a route to a Service or a port that is not there is answered with 500 or 503.",
  remedy: "Name a Service of the stack, and one of the ports that it has.",
  source: "kube-linter dangling-ingress; kube-score ingress-targets-service; Gateway API, BackendRef",
  checkIn: (object, stack, report) =>
    each(backendsOf(object), (backend) => reportBackend({ ...backend, namespace: backend.namespace ?? object.namespace }, stack, report)),
});

export const statefulSetHasService = stackRule({
  id: "stateful-set-has-service",
  family: "wiring",
  severity: "medium",
  reason: "The pods of a StatefulSet have no names of their own in DNS without the Service that it names.",
  remedy: "Name a Service of the stack that takes the pods.",
  source: "kube-score statefulset-has-servicename; Kubernetes, StatefulSet: Limitations",
  checkIn: (object, stack, report) => {
    if (object.kind !== "StatefulSet") return;
    const { namespace } = object;
    const { serviceName = "" } = object.spec<StatefulSetSpec>();
    if (serviceName === "" || !seesServices(stack, namespace)) return;
    const service = stack.find("Service", namespace, serviceName);
    const selector = service && serviceSelectorOf(service);
    if (selector !== undefined && stack.selected(namespace, selector).includes(object)) return;
    const lack = service === undefined ? `the stack has no such Service in namespace ${namespace}` : "it does not take its pods";
    report({ field: "spec.serviceName", problem: `is "${serviceName}", and ${lack}` });
  },
});

import type { KubeObject } from "../planned/objects";
import { idOf, type Container, type Part, type Workload } from "./parts";

/** An arrow of the picture. */
export interface Link {
  readonly from: string;
  readonly to: string;
  /** Requests come in from outside, one is told the address of the other, a volume is mounted, or a network policy lets one connect. */
  readonly kind: "serves" | "calls" | "mounts" | "allowed";
}

type Labels = Readonly<Record<string, string>>;
const has = (labels: Labels, wanted: Labels): boolean => Object.entries(wanted).every(([key, value]) => labels[key] === value);

/** Pods that a Service sends requests to. */
export const behind = (workloads: readonly Workload[], service: KubeObject): Workload[] => {
  const selector = (service.spec["selector"] ?? {}) as Labels;
  if (Object.keys(selector).length === 0) return [];
  return workloads.filter(({ namespace, labels }) => namespace === service.namespace && has(labels, selector));
};

const serviceOf = (objects: readonly KubeObject[], name: string, namespace?: string): KubeObject | undefined =>
  objects.find((object) => object.kind === "Service" && object.name === name && object.namespace === namespace);

interface IngressSpec {
  readonly rules?: readonly {
    readonly host?: string;
    readonly http?: { readonly paths: readonly { readonly backend: { readonly service: { readonly name: string } } }[] };
  }[];
}
interface RouteSpec {
  readonly hostnames?: readonly string[];
  readonly rules?: readonly { readonly backendRefs?: readonly { readonly name: string; readonly namespace?: string }[] }[];
}

/** Hosts that are served outside, each with the workloads that answer there. */
export function entrances(
  objects: readonly KubeObject[],
  workloads: readonly Workload[],
): { readonly parts: Part[]; readonly links: Link[] } {
  const hosts = objects.flatMap(({ kind, namespace, spec }) => {
    const backends = (host: string | undefined, names: readonly { readonly name: string; readonly namespace?: string }[]) =>
      names.map((ref) => ({ host: host ?? "any host", service: serviceOf(objects, ref.name, ref.namespace ?? namespace) }));
    if (kind === "Ingress") {
      const { rules = [] } = spec as IngressSpec;
      return rules.flatMap(({ host, http }) =>
        backends(
          host,
          (http?.paths ?? []).map(({ backend }) => backend.service),
        ),
      );
    }
    if (kind !== "HTTPRoute") return [];
    const { hostnames = ["any host"], rules = [] } = spec as RouteSpec;
    return hostnames.flatMap((host) => rules.flatMap(({ backendRefs = [] }) => backends(host, backendRefs)));
  });
  const names = [...new Set(hosts.map(({ host }) => host))];
  return {
    parts: names.map((name) => ({ id: idOf("Host", "", name), kind: "outside", name, detail: "" })),
    links: hosts.flatMap(({ host, service }) =>
      service ? behind(workloads, service).map(({ part }) => ({ from: idOf("Host", "", host), to: part.id, kind: "serves" as const })) : [],
    ),
  };
}

/** Who is told the address of whom, by variables, ConfigMaps and Secrets. Only addresses of Services are looked for: no value leaves here. */
export function calls(objects: readonly KubeObject[], workloads: readonly Workload[]): Link[] {
  const services = objects.filter(({ kind }) => kind === "Service");
  return workloads.flatMap(({ part, namespace, template }) => {
    const { containers = [], initContainers = [] } = template.spec;
    const texts = [...containers, ...initContainers].flatMap((container) => textsOf(container, namespace, objects));
    const told = services.filter((service) => texts.some((text) => addresses(text, service, namespace)));
    const others = told.flatMap((service) => behind(workloads, service)).filter((other) => other.part.id !== part.id);
    return others.map((other) => ({ from: part.id, to: other.part.id, kind: "calls" as const }));
  });
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** Whether a text names a Service as a host: with its namespace, or without it in the same one. */
function addresses(text: string, { name, namespace = "" }: KubeObject, from: string): boolean {
  const whole = `${escaped(name)}\\.${escaped(namespace)}(\\.svc)?`;
  const host = namespace === from ? `(${whole}|${escaped(name)})` : whole;
  return new RegExp(`(^|//|@)${host}(\\.cluster\\.local)?(:\\d+|/|$)`).test(text);
}

function textsOf({ env = [], envFrom = [] }: Container, namespace: string, objects: readonly KubeObject[]): string[] {
  const names = [
    ...envFrom.flatMap(({ configMapRef, secretRef }) => [configMapRef?.name, secretRef?.name]),
    ...env.flatMap(({ valueFrom }) => [valueFrom?.configMapKeyRef?.name, valueFrom?.secretKeyRef?.name]),
  ];
  const from = objects.filter(
    (object) => /^(ConfigMap|Secret)$/.test(object.kind) && object.namespace === namespace && names.includes(object.name),
  );
  const values = from.flatMap(({ body }) => [
    ...Object.values((body["data"] ?? {}) as Labels),
    ...Object.values((body["stringData"] ?? {}) as Labels),
  ]);
  return [...env.flatMap(({ value }) => value ?? []), ...values];
}

/** Claims that pods mount. */
export const mounts = (workloads: readonly Workload[]): Link[] =>
  workloads.flatMap(({ part, namespace, template }) =>
    (template.spec.volumes ?? []).flatMap(({ persistentVolumeClaim }) =>
      persistentVolumeClaim
        ? [{ from: part.id, to: idOf("PersistentVolumeClaim", namespace, persistentVolumeClaim.claimName), kind: "mounts" as const }]
        : [],
    ),
  );

interface PolicySpec {
  readonly podSelector?: { readonly matchLabels?: Labels };
  readonly ingress?: readonly {
    readonly from?: readonly {
      readonly podSelector?: { readonly matchLabels?: Labels };
      readonly namespaceSelector?: { readonly matchLabels?: Labels };
    }[];
  }[];
}

/** Who may connect to whom, where a policy names pods: what it says of all pods of a namespace draws no arrow. */
export function allowed(objects: readonly KubeObject[], workloads: readonly Workload[]): Link[] {
  return objects
    .filter(({ kind }) => kind === "NetworkPolicy")
    .flatMap(({ namespace, spec }) => {
      const { podSelector, ingress = [] } = spec as PolicySpec;
      const targets = workloads.filter(
        (workload) => workload.namespace === namespace && has(workload.labels, podSelector?.matchLabels ?? {}),
      );
      const sources = ingress
        .flatMap(({ from = [] }) => from)
        .flatMap((peer) => {
          const wanted = peer.podSelector?.matchLabels ?? {};
          if (Object.keys(wanted).length === 0) return [];
          const where = peer.namespaceSelector?.matchLabels?.["kubernetes.io/metadata.name"] ?? namespace;
          return workloads.filter((workload) => workload.namespace === where && has(workload.labels, wanted));
        });
      return sources.flatMap(({ part }) =>
        targets
          .filter((target) => target.part.id !== part.id)
          .map((target) => ({ from: part.id, to: target.part.id, kind: "allowed" as const })),
      );
    });
}

import type { types } from "@pulumi/kubernetes";
import type { Container, KubernetesObject, Partly, PodSpec, PodTemplate } from "./object";
import { each } from "./rule";

type WorkloadSpec = PodTemplate["spec"] & {
  readonly replicas?: number;
  readonly template?: PodTemplate;
  readonly jobTemplate?: { readonly spec?: { readonly template?: PodTemplate } };
  readonly selector?: types.output.meta.v1.LabelSelector;
};

const TEMPLATES: Readonly<Record<string, string>> = {
  Pod: "",
  PodTemplate: "template.",
  CronJob: "spec.jobTemplate.spec.template.",
  ...Object.fromEntries(
    ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job"].map((kind) => [kind, "spec.template."]),
  ),
};

/** Whether pods come of it. */
export const isWorkload = ({ kind, isRelease }: KubernetesObject): boolean => !isRelease && kind in TEMPLATES;

/** Spec of a workload; nothing for other objects. */
export const workloadOf = (object: KubernetesObject): WorkloadSpec | undefined =>
  isWorkload(object) ? (object.spec() as WorkloadSpec) : undefined;

/** What the pods of a workload are made from, and where it stands in the object, as in `spec.template.`; nothing for other objects. */
export function podTemplateOf(object: KubernetesObject): (PodTemplate & { readonly path: string }) | undefined {
  if (!isWorkload(object)) return undefined;
  const path = TEMPLATES[object.kind]!;
  const spec = object.spec() as WorkloadSpec;
  const template =
    object.kind === "Pod"
      ? { metadata: object.metadata, spec }
      : (spec.jobTemplate?.spec?.template ?? spec.template ?? (object.props["template"] as PodTemplate));
  return { metadata: template?.metadata, spec: template?.spec, path };
}

const LISTS = { initContainers: "init", containers: "main", ephemeralContainers: "ephemeral" } as const;

export interface ContainerOfPod {
  readonly container: Container;
  /** Its name, or its place where it has none. */
  readonly name: string;
  /** A sidecar is an init container, too. */
  readonly role: (typeof LISTS)[keyof typeof LISTS];
  /** Where it stands in the object, as in `spec.template.spec.containers[0].` */
  readonly path: string;
}

/** Every container of an object's pods: init, main and ephemeral. One that is not known yet does not hide the others. */
export function eachContainer(object: KubernetesObject, check: (container: ContainerOfPod) => void): void {
  const template = podTemplateOf(object);
  each(Object.keys(LISTS) as (keyof typeof LISTS)[], (list) => {
    const containers = template?.spec?.[list];
    each(
      containers?.map((_, index) => index),
      (index) => {
        const container = containers![index] as Container;
        check({ container, name: container.name ?? String(index), role: LISTS[list], path: `${template!.path}spec.${list}[${index}].` });
      },
    );
  });
}

/** Of a pod or of a container: what both may say. */
export type SecurityContext = Partly<
  Pick<
    types.output.core.v1.PodSecurityContext & types.output.core.v1.SecurityContext,
    "runAsUser" | "seLinuxOptions" | "appArmorProfile" | "windowsOptions"
  >
>;

/** Every security context of an object's pods: the pods' own, which has no container, and that of each container. */
export function eachSecurityContext(
  object: KubernetesObject,
  check: (context: SecurityContext, path: string, container?: string) => void,
): void {
  const template = podTemplateOf(object);
  const own = template?.spec?.securityContext;
  each([() => own && check(own, `${template.path}spec.securityContext.`), () => eachOfContainer(object, check)], (run) => run());
}

const eachOfContainer = (object: KubernetesObject, check: (context: SecurityContext, path: string, container: string) => void) =>
  eachContainer(object, ({ container: { securityContext }, path, name }) => {
    if (securityContext !== undefined) check(securityContext, `${path}securityContext.`, name);
  });

/** Whether pods are meant to run until they are stopped, unlike those of a Job. */
export const isLongRunning = (object: KubernetesObject): boolean =>
  isWorkload(object) && !["Job", "CronJob"].includes(object.kind) && (podTemplateOf(object)?.spec?.restartPolicy ?? "Always") === "Always";

/** Spec of the pods of a workload, and where it stands in the object; nothing for other objects. */
export function podSpecOf(object: KubernetesObject): { readonly spec: PodSpec; readonly path: string } | undefined {
  const template = podTemplateOf(object);
  return template?.spec && { spec: template.spec, path: `${template.path}spec.` };
}

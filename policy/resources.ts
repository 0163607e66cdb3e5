import type { ResourceValidationArgs } from "@pulumi/policy";

/** The parts of Kubernetes objects that rules read. */
export interface Metadata {
  readonly name?: string;
  readonly namespace?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}
interface Amounts {
  readonly cpu?: string;
  readonly memory?: string;
}
export interface Container {
  readonly name?: string;
  readonly image?: string;
  readonly env?: readonly { readonly name?: string; readonly value?: string }[];
  readonly resources?: { readonly requests?: Amounts; readonly limits?: Amounts };
}
interface PodSpec {
  readonly containers?: readonly Container[];
  readonly initContainers?: readonly Container[];
}
interface Template {
  readonly spec?: PodSpec;
}
interface WorkloadSpec extends PodSpec {
  readonly replicas?: number;
  readonly template?: Template;
  readonly jobTemplate?: { readonly spec?: { readonly template?: Template } };
}

const WORKLOADS = ["Pod", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job", "CronJob"];

/** Kind of a Kubernetes object; nothing for other resources. */
export const kindOf = (type: string): string | undefined => /^kubernetes:.+:(\w+)$/.exec(type)?.[1];

export const metadataOf = ({ props }: ResourceValidationArgs): Metadata | undefined => props["metadata"] as Metadata | undefined;

/** Spec of a workload; nothing for other resources. */
export const workloadOf = ({ type, props }: ResourceValidationArgs): WorkloadSpec | undefined =>
  WORKLOADS.includes(kindOf(type) ?? "") ? (props["spec"] as WorkloadSpec | undefined) : undefined;

/** All containers of a workload's pods, the init containers first. */
export function containersOf(resource: ResourceValidationArgs): Container[] {
  const spec = workloadOf(resource);
  const pod = kindOf(resource.type) === "Pod" ? spec : (spec?.jobTemplate?.spec?.template ?? spec?.template)?.spec;
  return [...(pod?.initContainers ?? []), ...(pod?.containers ?? [])];
}

/** Whether a resource belongs to a component of a type. By the URN, which no transform can change; labels it could. */
export const isPartOf = (component: string, { urn }: ResourceValidationArgs): boolean =>
  urn.split("::")[2]?.split("$").slice(0, -1).includes(component) ?? false;

import type { types } from "@pulumi/kubernetes";
import type { KubeObject } from "../planned/objects";
import type { PodSpec } from "../policy/object";
import { askedByPod, type Amounts } from "../policy/requests";

/** How far a stack is scaled: its autoscalers at their least, or at their most. */
export type Scale = "minimum" | "maximum";

type Selector = types.input.meta.v1.LabelSelector;
type Plain<T> = T extends object ? { readonly [Key in keyof T]?: unknown } : T;

/** A wish or a demand that pods be near others, or away from them. */
export interface Term {
  readonly selector: Plain<Selector>;
  readonly topologyKey: string;
  /** Of a wish; demands have none. */
  readonly weight: number;
}
/** How evenly pods are to be spread over zones or nodes. */
export interface Spread {
  readonly selector: Plain<Selector>;
  readonly topologyKey: string;
  readonly maxSkew: number;
  readonly isDemand: boolean;
}

/** CPU in thousandths of a core, memory in bytes: whole numbers, whose sums are exact. */
export interface Amount {
  readonly cpu: number;
  readonly memory: number;
}

/** One pod, as the scheduler sees it. */
export interface Pod {
  /** What it is of, as in `Deployment dotdo-dev/dotdo`. */
  readonly owner: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly requests: Amount;
  /** What its containers may take at most; one without a limit counts with its request. */
  readonly limits: Amount;
  readonly near: readonly Term[];
  readonly apart: readonly Term[];
  readonly ratherApart: readonly Term[];
  readonly spread: readonly Spread[];
}

/** What a stack's workloads ask of a cluster. */
export interface Demand {
  readonly pods: readonly Pod[];
  /** One on each node. */
  readonly daemons: readonly Pod[];
}

type Autoscaler = {
  readonly scaleTargetRef: { readonly kind: string; readonly name: string };
  readonly minReplicas?: number;
  readonly maxReplicas: number;
};
interface WorkloadSpec {
  readonly replicas?: number;
  readonly parallelism?: number;
  readonly completions?: number;
  readonly jobTemplate?: { readonly spec: WorkloadSpec };
  readonly template: { readonly metadata?: { readonly labels?: Record<string, string> }; readonly spec: PodSpec };
}

/**
 * The pods of a stack's objects. Jobs count with what they run at once, beside everything else: so it is in the first up, and each time that
 * their data are made anew. Likewise each CronJob. A rollout's further pods do not count.
 */
export function demandOf(objects: readonly KubeObject[], scale: Scale): Demand {
  const scalers = new Map(
    objects
      .filter(({ kind }) => kind === "HorizontalPodAutoscaler")
      .map(({ namespace, spec }) => {
        const scaler = spec as unknown as Autoscaler;
        return [titleOf(scaler.scaleTargetRef.kind, namespace, scaler.scaleTargetRef.name), scaler];
      }),
  );
  const podsOf = ({ kind, namespace, name, spec }: KubeObject) => {
    const owner = titleOf(kind, namespace, name);
    const workload = spec as unknown as WorkloadSpec;
    return Array.from({ length: countOf(workload, kind, scalers.get(owner), scale) }, () => podOf(owner, namespace ?? "default", workload));
  };
  return {
    pods: objects.filter(({ kind }) => RUN.has(kind)).flatMap(podsOf),
    daemons: objects.filter(({ kind }) => kind === "DaemonSet").flatMap(podsOf),
  };
}

const RUN = new Set(["Deployment", "StatefulSet", "Job", "CronJob"]);

const titleOf = (kind: string, namespace = "default", name = ""): string => `${kind} ${namespace}/${name}`;

function countOf(spec: WorkloadSpec, kind: string, scaler: Autoscaler | undefined, scale: Scale): number {
  if (scaler) return scale === "minimum" ? (scaler.minReplicas ?? 1) : scaler.maxReplicas;
  if (kind === "Job" || kind === "CronJob") {
    const { parallelism = 1, completions = parallelism } = spec.jobTemplate?.spec ?? spec;
    return Math.min(parallelism, completions);
  }
  return kind === "DaemonSet" ? 1 : (spec.replicas ?? 1);
}

function podOf(owner: string, namespace: string, workload: WorkloadSpec): Pod {
  const { metadata, spec } = (workload.jobTemplate?.spec ?? workload).template;
  const { podAffinity, podAntiAffinity } = spec.affinity ?? {};
  const requests = amountOf(spec, "requests");
  const limits = amountOf(spec, "limits");
  return {
    owner,
    namespace,
    labels: { ...metadata?.labels, [HASH]: owner },
    requests,
    limits: { cpu: Math.max(limits.cpu, requests.cpu), memory: Math.max(limits.memory, requests.memory) },
    near: termsOf(podAffinity?.requiredDuringSchedulingIgnoredDuringExecution),
    apart: termsOf(podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution),
    ratherApart: (podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).flatMap((wish) =>
      termsOf([wish.podAffinityTerm], wish.weight),
    ),
    spread: (spec.topologySpreadConstraints ?? []).map((constraint) => ({
      selector: withKeys(constraint.labelSelector, constraint.matchLabelKeys, owner),
      topologyKey: constraint.topologyKey ?? "",
      maxSkew: constraint.maxSkew ?? 1,
      isDemand: constraint.whenUnsatisfiable === "DoNotSchedule",
    })),
  };
}

/** By this label the pods of one version of a Deployment are known; here all of a workload are of one. */
const HASH = "pod-template-hash";

const withKeys = (selector: Plain<Selector> = {}, keys: readonly unknown[] = [], owner: string): Plain<Selector> =>
  keys.includes(HASH) ? { ...selector, matchLabels: { ...(selector.matchLabels as object), [HASH]: owner } } : selector;

type PodTerm = { readonly labelSelector?: Plain<Selector>; readonly topologyKey?: string };
const termsOf = (terms: readonly (PodTerm | undefined)[] = [], weight = 0): Term[] =>
  terms.map((term) => ({ selector: term?.labelSelector ?? {}, topologyKey: term?.topologyKey ?? "", weight }));

const amountOf = (spec: PodSpec, amounts: Amounts): Amount => ({
  cpu: Math.round(askedByPod(spec, amounts, "cpu") * 1000),
  memory: Math.round(askedByPod(spec, amounts, "memory")),
});

/** What pods ask for together. */
export const sumOf = (amounts: readonly Amount[]): Amount => ({
  cpu: amounts.reduce((sum, { cpu }) => sum + cpu, 0),
  memory: amounts.reduce((sum, { memory }) => sum + memory, 0),
});

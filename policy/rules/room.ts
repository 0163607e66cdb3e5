import type { types } from "@pulumi/kubernetes";
import { amount } from "../../sizing/amount";
import type { KubernetesObject } from "../object";
import { eachContainer, podTemplateOf, workloadOf } from "../pods";
import { askedBy, askedByPod, type Amounts } from "../requests";
import { each, stackRule } from "../rule";
import type { StackIndex } from "../stack-index";

type QuotaSpec = types.output.core.v1.ResourceQuotaSpec;
type LimitRangeSpec = types.output.core.v1.LimitRangeSpec;
type AutoscalerSpec = types.output.autoscaling.v2.HorizontalPodAutoscalerSpec;
type JobSpec = types.output.batch.v1.JobSpec;
type CronJobSpec = types.output.batch.v1.CronJobSpec;
type StatefulSetSpec = types.output.apps.v1.StatefulSetSpec;
type ClaimSpec = types.output.core.v1.PersistentVolumeClaimSpec;

/** Pods that a workload has when it has the most, a rollout's apart. Of a DaemonSet one: the nodes are not the stack's. */
function mostOf(workload: KubernetesObject, stack: StackIndex): number {
  const [scaler] = stack.scalersOf(workload);
  if (scaler !== undefined) return scaler.spec<AutoscalerSpec>().maxReplicas ?? 1;
  if (workload.kind === "PodTemplate") return 0;
  if (workload.kind === "Job") return workload.spec<JobSpec>().parallelism ?? 1;
  if (workload.kind === "CronJob") return workload.spec<CronJobSpec>().jobTemplate?.spec?.parallelism ?? 1;
  return workloadOf(workload)?.replicas ?? 1;
}

/** One thing that counts against a quota. */
interface Share {
  readonly of: KubernetesObject;
  readonly times: number;
  /** Cores, bytes or pieces. */
  readonly each: number;
}
const totalOf = (shares: readonly Share[]): number => shares.reduce((sum, { times, each }) => sum + times * each, 0);

/** Of a key of `spec.hard` such as `requests.cpu`; `cpu` is the same. */
function computeOf(key: string): { readonly amounts: Amounts; readonly resource: string } | undefined {
  const [, amounts = "requests", resource] = /^(?:(requests|limits)\.)?(cpu|memory|ephemeral-storage)$/.exec(key) ?? [];
  return resource === undefined ? undefined : { amounts: amounts as Amounts, resource };
}

/** Storage that each claim of a namespace asks for, those of StatefulSets among them. */
const claimsOf = (namespace: string | undefined, stack: StackIndex): readonly Share[] => {
  const asked = (spec?: { readonly resources?: { readonly requests?: Readonly<Record<string, string>> } }) =>
    amount(spec?.resources?.requests?.["storage"] ?? 0);
  return [
    ...stack
      .inNamespace(namespace, "PersistentVolumeClaim")
      .map((claim) => ({ of: claim, times: 1, each: asked(claim.spec<ClaimSpec>() as Parameters<typeof asked>[0]) })),
    ...stack.inNamespace(namespace, "StatefulSet").flatMap((set) =>
      (set.spec<StatefulSetSpec>().volumeClaimTemplates ?? []).map(({ spec }) => ({
        of: set,
        times: mostOf(set, stack),
        each: asked(spec as Parameters<typeof asked>[0]),
      })),
    ),
  ];
};

/** What counts against a key of `spec.hard`; nothing for keys that are not judged. */
function sharesOf(key: string, namespace: string | undefined, stack: StackIndex): readonly Share[] | undefined {
  if (key === "requests.storage") return claimsOf(namespace, stack);
  if (key === "persistentvolumeclaims") return claimsOf(namespace, stack).map((share) => ({ ...share, each: 1 }));
  const compute = computeOf(key);
  if (compute === undefined && key !== "pods") return undefined;
  return stack.workloadsIn(namespace).map((workload) => ({
    of: workload,
    times: mostOf(workload, stack),
    each: compute === undefined ? 1 : askedByPod(podTemplateOf(workload)?.spec ?? {}, compute.amounts, compute.resource),
  }));
}

const UNITS = [
  ["Gi", 2 ** 30],
  ["Mi", 2 ** 20],
] as const;

/** As people write it: bytes from a mebibyte on with their unit, else up to three decimals. */
function shown(value: number): string {
  const [unit, size] = UNITS.find(([, size]) => value >= size) ?? ["", 1];
  return `${Number((value / size).toFixed(3))}${unit}`;
}

/** A quota of some pods only says nothing of all. */
const isWhole = ({ scopes, scopeSelector }: { readonly scopes?: unknown; readonly scopeSelector?: unknown }): boolean =>
  scopes === undefined && scopeSelector === undefined;

export const quotaHasRoom = stackRule({
  id: "quota-has-room",
  family: "wiring",
  severity: "high",
  reason: "Beyond a quota the API server makes no pod and no claim: what an autoscaler asks for under load never comes.",
  remedy: "Widen the quota, or lower requests, replicas or the autoscaler's maximum.",
  source: "Kubernetes, Resource Quotas; contract 1.5",
  checkIn: (object, stack, report) => {
    if (object.kind !== "ResourceQuota") return;
    const spec = object.spec<QuotaSpec>();
    if (!isWhole(spec)) return;
    const hard = (spec.hard ?? {}) as Readonly<Record<string, string>>;
    each(Object.keys(hard), (key) => {
      const shares = sharesOf(key, object.namespace, stack) ?? [];
      const total = totalOf(shares);
      // thousandths of a core, added up, are no whole numbers
      if (Math.round(total * 1000) <= Math.round(amount(hard[key]!) * 1000)) return;
      const [{ of, times, each }] = [...shares].sort((one, other) => other.times * other.each - one.times * one.each) as [Share];
      const problem = `is ${hard[key]}, and the stack asks for up to ${shown(total)}, most of it for ${of.title}: ${times} × ${shown(each)}`;
      report({ field: `spec.hard.${key}`, problem });
    });
  },
});

type Limit = NonNullable<LimitRangeSpec["limits"]>[number];

const limitsIn = (stack: StackIndex, namespace: string | undefined): readonly Limit[] =>
  stack.inNamespace(namespace, "LimitRange").flatMap((range) => (range.spec<LimitRangeSpec>().limits ?? []) as readonly Limit[]);

export const quotaAmountsSet = stackRule({
  id: "quota-amounts-set",
  family: "wiring",
  severity: "high",
  reason: "Where a quota counts a resource, the API server makes no pod that does not say how much of it each container wants.",
  remedy: "Set it in resources of the container, or a default by a LimitRange.",
  source: "Kubernetes, Resource Quotas: Compute Resource Quota",
  checkIn: (object, stack, report) => {
    const { namespace } = object;
    const quotas = stack.inNamespace(namespace, "ResourceQuota").filter((quota) => isWhole(quota.spec<QuotaSpec>()));
    const defaults = limitsIn(stack, namespace).filter(({ type }) => type === "Container");
    const counted = new Set(quotas.flatMap((quota) => Object.keys(quota.spec<QuotaSpec>().hard ?? {})));
    for (const key of counted) {
      const compute = computeOf(key);
      if (compute === undefined || compute.resource === "ephemeral-storage") continue;
      const { amounts, resource } = compute;
      const given = defaults.some((limit) => resource in { ...limit.default, ...(amounts === "requests" && limit.defaultRequest) });
      if (given) continue;
      eachContainer(object, ({ container, name, path, role }) => {
        if (role === "ephemeral" || askedBy(container, amounts, resource) !== undefined) return;
        report({
          container: name,
          field: `${path}resources.${amounts}.${resource}`,
          problem: "is missing, and a quota of the namespace counts it",
        });
      });
    }
  },
});

export const limitRangeHeld = stackRule({
  id: "limit-range-held",
  family: "wiring",
  severity: "high",
  reason: "The API server makes no pod that asks for more or less than a LimitRange of its namespace allows.",
  remedy: "Keep requests and limits within the range, or widen it.",
  source: "Kubernetes, Limit Ranges",
  checkIn: (object, stack, report) => {
    const ofContainers = limitsIn(stack, object.namespace).filter(({ type }) => type === "Container");
    if (ofContainers.length === 0) return;
    eachContainer(object, ({ container, name, path }) => {
      for (const { min = {}, max = {} } of ofContainers) {
        const given = (amounts: Amounts, resource: string) => container.resources?.[amounts]?.[resource];
        const say = (amounts: Amounts, resource: string, problem: string) =>
          report({ container: name, field: `${path}resources.${amounts}.${resource}`, problem });
        for (const [resource, most] of Object.entries(max)) {
          const limit = given("limits", resource);
          if (limit !== undefined && amount(limit) > amount(most)) say("limits", resource, `is ${limit}, and may be at most ${most}`);
        }
        for (const [resource, least] of Object.entries(min)) {
          const request = given("requests", resource);
          if (request !== undefined && amount(request) < amount(least))
            say("requests", resource, `is ${request}, and has to be at least ${least}`);
        }
      }
    });
  },
});

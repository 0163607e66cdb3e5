import type { types } from "@pulumi/kubernetes";
import type { KubernetesObject, Partly } from "../object";
import { podTemplateOf, workloadOf } from "../pods";
import { objectRule, stackRule } from "../rule";
import { selects, type StackIndex } from "../stack-index";

type DeploymentSpec = Partly<types.output.apps.v1.DeploymentSpec>;
type AutoscalerSpec = types.output.autoscaling.v2.HorizontalPodAutoscalerSpec;
type BudgetSpec = types.output.policy.v1.PodDisruptionBudgetSpec;

/** Whether the pods of a Deployment end before their successors start: so says who cannot have two of them. */
const isSingleWriter = (object: KubernetesObject): boolean => object.spec<DeploymentSpec>().strategy?.type === "Recreate";

const nameOf = (kind: string, namespace: string | undefined, name: string): string => `${kind} ${namespace}/${name}`;
/** What autoscalers scale, found once a stack. */
const targets = new WeakMap<StackIndex, ReadonlySet<string>>();

function isScaled(object: KubernetesObject, stack: StackIndex): boolean {
  let names = targets.get(stack);
  if (names === undefined) {
    names = new Set(
      stack.ofKind("HorizontalPodAutoscaler").map((autoscaler) => {
        const { kind = "", name = "" } = autoscaler.spec<AutoscalerSpec>().scaleTargetRef ?? {};
        return nameOf(kind, autoscaler.namespace, name);
      }),
    );
    targets.set(stack, names);
  }
  return names.has(nameOf(object.kind, object.namespace, object.metadata.name ?? ""));
}

export const enoughReplicas = stackRule({
  id: "enough-replicas",
  family: "pods",
  severity: "low",
  level: "advisory",
  reason: "One pod is none while its node is drained or fails.",
  remedy: "Run two or more, or set strategy.type to Recreate where two would disturb each other.",
  source:
    "kube-score deployment-replicas, horizontalpodautoscaler-replicas; kube-linter minimum-three-replicas, hpa-minimum-three-replicas; Polaris deploymentMissingReplicas, hpaMinAvailability; Kyverno require-deployments-have-multiple-replicas",
  checkIn: (object, stack, report) => {
    if (object.kind === "HorizontalPodAutoscaler") {
      const { minReplicas = 1 } = object.spec<AutoscalerSpec>();
      if (minReplicas < 2) report({ field: "spec.minReplicas", problem: `is ${minReplicas}, and has to be 2 or more` });
    }
    if (object.kind !== "Deployment" || isSingleWriter(object) || isScaled(object, stack)) return;
    const { replicas = 1 } = object.spec<DeploymentSpec>();
    if (replicas === 1) report({ field: "spec.replicas", problem: "is 1, and has to be 2 or more" });
  },
});

export const podsSpread = stackRule({
  id: "pods-spread",
  family: "pods",
  severity: "medium",
  reason: "Pods that stand on one node are all gone with it.",
  remedy: "Set topologySpreadConstraints, or affinity.podAntiAffinity, by kubernetes.io/hostname.",
  source:
    "kube-score deployment-has-host-podantiaffinity; kube-linter no-anti-affinity; Polaris topologySpreadConstraint; Kyverno create-pod-antiaffinity",
  checkIn: (object, stack, report) => {
    if (!hasSeveral(object, stack)) return;
    const { path, spec } = podTemplateOf(object)!;
    const { podAffinity, podAntiAffinity: apart } = spec?.affinity ?? {};
    // what shares a volume of one node has to stand there
    if ((podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).length > 0) return;
    const spread = [
      ...(spec?.topologySpreadConstraints ?? []),
      ...(apart?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
      ...(apart?.preferredDuringSchedulingIgnoredDuringExecution ?? []),
    ];
    if (spread.length === 0)
      report({ field: `${path}spec.topologySpreadConstraints`, problem: "is missing, and there is no podAntiAffinity" });
  },
});

/** Whether a Deployment or a StatefulSet runs, or may run, several pods. */
function hasSeveral(object: KubernetesObject, stack: StackIndex): boolean {
  if (!["Deployment", "StatefulSet"].includes(object.kind)) return false;
  return (workloadOf(object)?.replicas ?? 1) > 1 || isScaled(object, stack);
}

export const disruptionBudget = stackRule({
  id: "disruption-budget",
  family: "pods",
  severity: "low",
  level: "advisory",
  reason: "Who drains several nodes at once, as an upgrade of the cluster does, evicts all pods at once.",
  remedy: "Make a PodDisruptionBudget that selects them.",
  source:
    "kube-score deployment-has-poddisruptionbudget, statefulset-has-poddisruptionbudget; Polaris missingPodDisruptionBudget; Kyverno require-pdb",
  checkIn: (object, stack, report) => {
    if (!hasSeveral(object, stack)) return;
    const template = podTemplateOf(object)!;
    const labels = (template.metadata?.labels ?? {}) as Readonly<Record<string, string>>;
    const budget = stack
      .ofKind("PodDisruptionBudget")
      .some((one) => one.namespace === object.namespace && selects(one.spec<BudgetSpec>().selector ?? {}, labels));
    if (!budget) report({ field: `${template.path}metadata.labels`, problem: "are selected by no PodDisruptionBudget" });
  },
});

export const rollingUpdate = objectRule({
  id: "rolling-update",
  family: "pods",
  severity: "medium",
  reason: "Recreate ends all pods before the first new one starts, and nobody answers until it is ready.",
  remedy: "Set strategy.type to RollingUpdate, or replicas to 1 where two would disturb each other.",
  source: "kube-score deployment-strategy; kube-linter no-rolling-update-strategy",
  check: (object, report) => {
    if (object.kind !== "Deployment" || !isSingleWriter(object)) return;
    const { replicas = 1 } = object.spec<DeploymentSpec>();
    if (replicas > 1)
      report({ field: "spec.strategy.type", problem: `is Recreate beside ${replicas} replicas, and has to be RollingUpdate` });
  },
});

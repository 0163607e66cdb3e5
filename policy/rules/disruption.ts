import type { types } from "@pulumi/kubernetes";
import type { KubernetesObject } from "../object";
import { workloadOf } from "../pods";
import { stackRule } from "../rule";
import type { StackIndex } from "../stack-index";
import { seesPods } from "./selectors";

type BudgetSpec = types.output.policy.v1.PodDisruptionBudgetSpec;
type AutoscalerSpec = types.output.autoscaling.v2.HorizontalPodAutoscalerSpec;

/** Workloads that a budget counts; one without selector counts none. */
function countedBy(budget: KubernetesObject, stack: StackIndex): readonly KubernetesObject[] {
  const { selector } = budget.spec<BudgetSpec>();
  return selector === undefined ? [] : stack.selected(budget.namespace, selector);
}

export const budgetSelectsPods = stackRule({
  id: "budget-selects-pods",
  family: "wiring",
  severity: "medium",
  reason: "A budget that takes no pod keeps none from being drained with all others.",
  remedy: "Set spec.selector to labels that the pods have.",
  source: "Kubernetes, Specifying a Disruption Budget: an empty selector",
  checkIn: (object, stack, report) => {
    if (object.kind !== "PodDisruptionBudget" || !seesPods(stack, object.namespace) || countedBy(object, stack).length > 0) return;
    report({ field: "spec.selector", problem: `takes no pod that the stack has in namespace ${object.namespace}` });
  },
});

/** Pods that a workload has when it has the fewest; nothing where the cluster's nodes say how many. */
function fewestOf(workload: KubernetesObject, stack: StackIndex): number | undefined {
  const [scaler] = stack.scalersOf(workload);
  if (scaler !== undefined) return scaler.spec<AutoscalerSpec>().minReplicas ?? 1;
  return workload.kind === "DaemonSet" ? undefined : (workloadOf(workload)?.replicas ?? 1);
}

/** A number of pods, or a share of them, which counts as the next whole one. */
const partOf = (part: number | string, pods: number): number =>
  typeof part === "number" ? part : Math.ceil((Number.parseInt(part, 10) * pods) / 100);

export const budgetLetsPodsGo = stackRule({
  id: "budget-lets-pods-go",
  family: "wiring",
  severity: "high",
  reason: "A node with a pod that may not go is never drained: upgrades of the cluster stop there.",
  remedy: "Let one pod go at least: maxUnavailable: 1, or more pods than minAvailable.",
  source: "kube-linter pdb-min-available, pdb-max-unavailable; Polaris pdbDisruptionsIsZero; Kyverno pdb-minavailable",
  checkIn: (object, stack, report) => {
    if (object.kind !== "PodDisruptionBudget") return;
    const { minAvailable, maxUnavailable } = object.spec<BudgetSpec>();
    if (maxUnavailable !== undefined && partOf(maxUnavailable, 100) === 0) {
      report({ field: "spec.maxUnavailable", problem: `is ${maxUnavailable}, so that no pod may go` });
    }
    if (minAvailable === undefined) return;
    if (minAvailable === "100%") {
      report({ field: "spec.minAvailable", problem: "is 100%, so that no pod may go" });
      return;
    }
    const fewest = countedBy(object, stack).map((workload) => fewestOf(workload, stack));
    const pods = fewest.reduce((sum, of) => (sum === undefined || of === undefined ? undefined : sum + of), 0);
    if (pods === undefined || pods === 0 || partOf(minAvailable, pods) < pods) return;
    report({ field: "spec.minAvailable", problem: `is ${minAvailable}, and there may be no more than ${pods}, so that none may go` });
  },
});

export const oneBudget = stackRule({
  id: "one-budget",
  family: "wiring",
  severity: "high",
  reason: "A pod that two budgets count is never evicted: the API server answers each try with an error.",
  remedy: "Keep one, or have their selectors take different pods.",
  source: "Kubernetes, API-initiated Eviction: This pod has more than one PodDisruptionBudget",
  checkIn: (object, stack, report) => {
    if (object.kind !== "PodDisruptionBudget") return;
    const own = countedBy(object, stack);
    const others = stack.inNamespace(object.namespace, "PodDisruptionBudget");
    for (const other of others.slice(0, others.indexOf(object))) {
      const both = countedBy(other, stack).find((workload) => own.includes(workload));
      if (both !== undefined) report({ field: "spec.selector", problem: `takes the pods of ${both.title}, as ${other.title} does` });
    }
  },
});

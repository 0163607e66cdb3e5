import type { types } from "@pulumi/kubernetes";
import type { KubernetesObject } from "../object";
import { podTemplateOf, workloadOf } from "../pods";
import { runningContainers } from "../requests";
import { stackRule } from "../rule";
import type { StackIndex } from "../stack-index";

type AutoscalerSpec = types.output.autoscaling.v2.HorizontalPodAutoscalerSpec;
type LimitRangeSpec = types.output.core.v1.LimitRangeSpec;

/** What an autoscaler scales, where this stack has it; nothing for other objects. */
function targetOf(object: KubernetesObject, stack: StackIndex) {
  if (object.kind !== "HorizontalPodAutoscaler") return undefined;
  const { kind = "", name = "", apiVersion } = object.spec<AutoscalerSpec>().scaleTargetRef ?? {};
  return { kind, name, apiVersion, workload: stack.find(kind, object.namespace, name) };
}

export const oneScaler = stackRule({
  id: "one-scaler",
  family: "wiring",
  severity: "high",
  reason: "Each update puts the number of pods back that an autoscaler has chosen for the load.",
  remedy: "Leave spec.replicas out where there is a HorizontalPodAutoscaler.",
  source: "contract 1.2; kube-score deployment-targeted-by-hpa-does-not-have-replicas-configured",
  checkIn: (object, stack, report) => {
    const workload = targetOf(object, stack)?.workload;
    const replicas = workload && workloadOf(workload)?.replicas;
    if (replicas === undefined) return;
    report({
      field: "spec.scaleTargetRef",
      problem: `is ${workload!.title}, whose spec.replicas is ${replicas}, and has to be left to it`,
    });
  },
});

export const autoscalerHasTarget = stackRule({
  id: "autoscaler-has-target",
  family: "wiring",
  severity: "high",
  reason: "An autoscaler without its workload scales nothing, and the pods that it was meant for stay as many as they are.",
  remedy: "Name apiVersion, kind and name of a workload of the stack in scaleTargetRef.",
  source: "kube-score horizontalpodautoscaler-has-target; kube-linter dangling-horizontalpodautoscaler",
  checkIn: (object, stack, report) => {
    const target = targetOf(object, stack);
    const { namespace } = object;
    if (target === undefined || stack.workloadsIn(namespace).length === 0 || stack.hasChart(namespace)) return;
    const { workload, kind, name, apiVersion = workload?.apiVersion } = target;
    if (workload !== undefined && workload.apiVersion === apiVersion) return;
    const field = "spec.scaleTargetRef";
    if (workload === undefined) report({ field, problem: `is ${kind} ${name}, and the stack has none in namespace ${namespace}` });
    else report({ field: `${field}.apiVersion`, problem: `is ${apiVersion}, and that of ${workload.title} is ${workload.apiVersion}` });
  },
});

export const oneAutoscaler = stackRule({
  id: "one-autoscaler",
  family: "wiring",
  severity: "high",
  reason: "Two autoscalers of one workload undo what the other has done, or stop altogether.",
  remedy: "Keep one, with the metrics of both.",
  source: "Kubernetes, Horizontal Pod Autoscaling: condition AmbiguousSelector",
  checkIn: (object, stack, report) => {
    const workload = targetOf(object, stack)?.workload;
    const [first] = workload === undefined ? [] : stack.scalersOf(workload);
    if (first === undefined || first === object) return;
    report({ field: "spec.scaleTargetRef", problem: `is ${workload!.title}, which ${first.title} scales already` });
  },
});

/** Resources that containers of a namespace have requests of without asking. */
const defaultsIn = (stack: StackIndex, namespace: string | undefined): readonly string[] =>
  stack
    .inNamespace(namespace, "LimitRange")
    .flatMap((range) => range.spec<LimitRangeSpec>().limits ?? [])
    .flatMap(({ type, defaultRequest = {}, default: limit = {} }) =>
      type === "Container" ? [...Object.keys(defaultRequest), ...Object.keys(limit)] : [],
    );

/** What of each container an autoscaler needs the request of, by resource: a share is one of the request. */
function sharesOf(object: KubernetesObject): readonly { readonly field: string; readonly resource: string; readonly container?: string }[] {
  const { metrics = [], ...spec } = object.spec<AutoscalerSpec>();
  const field = "targetCPUUtilizationPercentage";
  const ofCpu = field in spec ? [{ field: `spec.${field}`, resource: "cpu" }] : [];
  const ofMetrics = metrics.flatMap(({ resource, containerResource }, index) => {
    const { name, target, container } = { container: undefined, ...(resource ?? containerResource) };
    return name !== undefined && target?.type === "Utilization" ? [{ field: `spec.metrics[${index}]`, resource: name, container }] : [];
  });
  return [...ofCpu, ...ofMetrics];
}

export const autoscalerHasRequests = stackRule({
  id: "autoscaler-has-requests",
  family: "wiring",
  severity: "high",
  reason: "A share of nothing is not known: an autoscaler does nothing while one container requests none of its metric's resource.",
  remedy: "Set resources.requests of it in every container of the pods.",
  source: "Kubernetes, Horizontal Pod Autoscaling: How does a HorizontalPodAutoscaler work",
  checkIn: (object, stack, report) => {
    const workload = targetOf(object, stack)?.workload;
    const spec = workload && podTemplateOf(workload)?.spec;
    if (spec === undefined) return;
    const defaults = defaultsIn(stack, object.namespace);
    for (const { field, resource, container } of sharesOf(object)) {
      if (defaults.includes(resource)) continue;
      for (const { name, resources: { requests, limits } = {} } of runningContainers(spec)) {
        if ((container !== undefined && container !== name) || (requests?.[resource] ?? limits?.[resource]) !== undefined) continue;
        report({ container: name, field, problem: `is a share of ${resource}, of which ${workload!.title} requests none` });
      }
    }
  },
});

import { oneOf, type Alert, type Watched } from "./system";

/**
 * Alerts that several systems share. Their metrics are those of kube-state-metrics, the kubelet and cAdvisor, which come with
 * kube-prometheus-stack.
 */

const OF_DEPLOYMENT = "on (namespace, deployment)";
const IN = "{{ $labels.namespace }}";

/** Nobody is served. */
export function unavailable({ prefix, what, names }: Watched): Alert {
  const of = oneOf("deployment", names);
  return {
    name: `${prefix}Unavailable`,
    expr: `kube_deployment_status_replicas_available{${of}} == 0 and ${OF_DEPLOYMENT} kube_deployment_spec_replicas{${of}} > 0`,
    for: "2m",
    severity: "critical",
    summary: `{{ $labels.deployment }} has no pod that serves`,
    description: `No pod of {{ $labels.deployment }} in namespace ${IN} has been available for two minutes: ${what} is down.`,
  };
}

/** Fewer pods serve than are wanted. */
export function podsMissing({ prefix, what, names }: Watched): Alert {
  const of = oneOf("deployment", names);
  return {
    name: `${prefix}PodsMissing`,
    expr: `kube_deployment_status_replicas_available{${of}} < ${OF_DEPLOYMENT} kube_deployment_spec_replicas{${of}}`,
    for: "15m",
    severity: "warning",
    summary: `{{ $labels.deployment }} has fewer pods than it is to have`,
    description: `{{ $labels.deployment }} in namespace ${IN} has had fewer available pods than it asks for, for a quarter of an hour: ${what} has less room than planned.`,
  };
}

/** A rollout stands still: the old pods serve on. */
export const rolloutStuck = ({ prefix, names }: Watched): Alert => ({
  name: `${prefix}RolloutStuck`,
  expr: `kube_deployment_status_condition{${oneOf("deployment", names)}, condition="Progressing", status="false"} == 1`,
  for: "1m",
  severity: "warning",
  summary: `The rollout of {{ $labels.deployment }} stands still`,
  description: `{{ $labels.deployment }} in namespace ${IN} has made no progress within its progressDeadlineSeconds: its new pods do not become ready, and the old ones serve on.`,
});

export const crashLooping = ({ prefix, containers }: Watched): Alert => ({
  name: `${prefix}CrashLooping`,
  expr: `increase(kube_pod_container_status_restarts_total{${containers}}[15m]) > 3`,
  for: "5m",
  severity: "warning",
  summary: `Container {{ $labels.container }} restarts again and again`,
  description: `Container {{ $labels.container }} of pod {{ $labels.pod }} in namespace ${IN} has restarted more than three times within a quarter of an hour.`,
});

export const memoryNearLimit = ({ prefix, containers }: Watched): Alert => ({
  name: `${prefix}MemoryNearLimit`,
  expr: `${memoryUsed(containers)} > 0.9`,
  for: "15m",
  severity: "warning",
  summary: `Container {{ $labels.container }} has nearly used up its memory`,
  description: `Container {{ $labels.container }} of pod {{ $labels.pod }} in namespace ${IN} has used more than 90 % of its memory limit for a quarter of an hour; at the limit it is killed.`,
});

/** Memory of each container, as a part of its limit. */
export const memoryUsed = (containers: string): string =>
  [
    `max by (namespace, pod, container) (container_memory_working_set_bytes{${containers}})`,
    `max by (namespace, pod, container) (kube_pod_container_resource_limits{${containers}, resource="memory"})`,
  ].join(" / ");

const OF_AUTOSCALER = "on (namespace, horizontalpodautoscaler)";

export function autoscalerAtMaximum({ prefix, names }: Watched): Alert {
  const of = oneOf("horizontalpodautoscaler", names);
  return {
    name: `${prefix}AutoscalerAtMaximum`,
    expr: `kube_horizontalpodautoscaler_status_current_replicas{${of}} >= ${OF_AUTOSCALER} kube_horizontalpodautoscaler_spec_max_replicas{${of}}`,
    for: "15m",
    severity: "warning",
    summary: `Autoscaler {{ $labels.horizontalpodautoscaler }} is at its maximum`,
    description: `Autoscaler {{ $labels.horizontalpodautoscaler }} in namespace ${IN} has had as many pods as it may for a quarter of an hour: more load finds no more pods.`,
  };
}

/** It knows no metric, so that it neither adds pods nor takes any away. */
export const autoscalerBlind = ({ prefix, names }: Watched): Alert => ({
  name: `${prefix}AutoscalerBlind`,
  expr: `kube_horizontalpodautoscaler_status_condition{${oneOf("horizontalpodautoscaler", names)}, condition="ScalingActive", status="false"} == 1`,
  for: "15m",
  severity: "warning",
  summary: `Autoscaler {{ $labels.horizontalpodautoscaler }} does not know the load`,
  description: `Autoscaler {{ $labels.horizontalpodautoscaler }} in namespace ${IN} has had no metric to go by for a quarter of an hour: whatever the load, the number of pods stays.`,
});

/** @param jobs pattern of their names */
export const jobFailed = (prefix: string, name: string, jobs: string, consequence: string): Alert => ({
  name: `${prefix}${name}Failed`,
  expr: `kube_job_failed{job_name=~"${jobs}", condition="true"} == 1`,
  for: "1m",
  severity: "warning",
  summary: `Job {{ $labels.job_name }} has failed`,
  description: `Job {{ $labels.job_name }} in namespace ${IN} has used up its tries: ${consequence}.`,
});

/** @param claims pattern of the claims' names */
export const volumeFilling = (prefix: string, claims: string, severity: Alert["severity"], consequence: string): Alert => ({
  name: `${prefix}VolumeFilling`,
  expr: `${volumeUsed(`persistentvolumeclaim=~"${claims}"`)} > 0.9`,
  for: "15m",
  severity,
  summary: `Volume {{ $labels.persistentvolumeclaim }} is nearly full`,
  description: `Claim {{ $labels.persistentvolumeclaim }} in namespace ${IN} has been more than 90 % full for a quarter of an hour: ${consequence}.`,
});

/** How full each volume is, as a part of its capacity. A volume that several nodes have is one. */
export function volumeUsed(matchers: string): string {
  const by = "max by (namespace, persistentvolumeclaim)";
  return `${by} (kubelet_volume_stats_used_bytes{${matchers}}) / ${by} (kubelet_volume_stats_capacity_bytes{${matchers}})`;
}

import type * as k8s from "@pulumi/kubernetes";
import type { Metadata } from "./metadata";

type Metric = k8s.types.input.autoscaling.v2.MetricSpec;

/**
 * Use of one container's CPU or memory, in % of its request. Not of the whole pod: a sidecar without requests, such as Linkerd's proxy,
 * makes that unknown, and an HPA with an unknown metric scales down no more.
 */
export const utilization = (container: string, name: "cpu" | "memory", averageUtilization: number): Metric => ({
  type: "ContainerResource",
  containerResource: { container, name, target: { type: "Utilization", averageUtilization } },
});

/** A metric that the pods emit themselves, served by an adapter at custom.metrics.k8s.io. */
export const podsMetric = (name: string, averageValue: number | string): Metric => ({
  type: "Pods",
  pods: { metric: { name }, target: { type: "AverageValue", averageValue: `${averageValue}` } },
});

interface Scaling {
  readonly minReplicas: number;
  readonly maxReplicas: number;
  readonly metrics: Metric[];
}

/** Up at once and fast, down slowly: the behaviour that dotdo's chart fixes (contract 1.5). */
export const autoscalerOf = (metadata: Metadata, scaling: Scaling) =>
  ({
    metadata,
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: metadata.name },
      ...scaling,
      behavior: {
        scaleDown: {
          stabilizationWindowSeconds: 300,
          policies: [
            { type: "Percent", value: 10, periodSeconds: 60 },
            { type: "Pods", value: 5, periodSeconds: 60 },
          ],
          selectPolicy: "Min",
        },
        scaleUp: {
          stabilizationWindowSeconds: 0,
          policies: [
            { type: "Percent", value: 100, periodSeconds: 15 },
            { type: "Pods", value: 10, periodSeconds: 15 },
          ],
          selectPolicy: "Max",
        },
      },
    },
  }) satisfies k8s.autoscaling.v2.HorizontalPodAutoscalerArgs;

type Amount = number | string;

/** At most one of both is given; pods that do not work anyway may always be evicted. */
export const disruptionBudgetOf = (
  metadata: Metadata,
  selector: Record<string, string>,
  { minAvailable, maxUnavailable }: { readonly minAvailable?: Amount; readonly maxUnavailable?: Amount },
) =>
  ({
    metadata,
    spec: {
      minAvailable: minAvailable ?? (maxUnavailable === undefined ? 1 : undefined),
      maxUnavailable,
      selector: { matchLabels: selector },
      unhealthyPodEvictionPolicy: "AlwaysAllow",
    },
  }) satisfies k8s.policy.v1.PodDisruptionBudgetArgs;

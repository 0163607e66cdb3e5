import type { types } from "@pulumi/kubernetes";
import { workloadOf } from "../pods";
import { stackRule } from "../rule";

type AutoscalerSpec = types.output.autoscaling.v2.HorizontalPodAutoscalerSpec;

export const oneScaler = stackRule({
  id: "one-scaler",
  family: "wiring",
  severity: "high",
  reason: "Each update puts the number of pods back that an autoscaler has chosen for the load.",
  remedy: "Leave spec.replicas out where there is a HorizontalPodAutoscaler.",
  source: "contract 1.2; kube-score deployment-has-host-podantiaffinity's neighbour horizontalpodautoscaler-replicas",
  checkIn: (object, stack, report) => {
    if (object.kind !== "HorizontalPodAutoscaler") return;
    const { kind = "", name = "" } = object.spec<AutoscalerSpec>().scaleTargetRef ?? {};
    const target = stack.find(kind, object.namespace, name);
    const replicas = target && workloadOf(target)?.replicas;
    if (replicas === undefined) return;
    report({ field: "spec.scaleTargetRef", problem: `is ${target!.title}, whose spec.replicas is ${replicas}, and has to be left to it` });
  },
});

import type { Rule } from "../rule";
import { kindOf, metadataOf, workloadOf } from "../resources";

interface Target {
  readonly kind?: string;
  readonly name?: string;
}
interface AutoscalerSpec {
  readonly scaleTargetRef?: Target;
}

/** What has been seen of each workload in this run: a resource is judged alone, in the order in which it is planned. */
const autoscaled = new Set<string>();
const fixed = new Map<string, number>();

export const oneScaler: Rule = {
  id: "one-scaler",
  severity: "high",
  reason: "Each update puts the number of pods back that an autoscaler has chosen for the load.",
  remedy: "Leave spec.replicas out where there is a HorizontalPodAutoscaler.",
  source: "contract 1.2",
  check: (resource, report) => {
    const kind = kindOf(resource.type);
    const { namespace, name } = metadataOf(resource) ?? {};
    const judge = (workload: string) => {
      const replicas = fixed.get(workload);
      if (replicas !== undefined && autoscaled.has(workload)) report(`${workload} has ${replicas} replicas and an autoscaler`);
    };
    if (kind === "HorizontalPodAutoscaler") {
      const target = (resource.props["spec"] as AutoscalerSpec | undefined)?.scaleTargetRef;
      const workload = `${target?.kind} ${namespace}/${target?.name}`;
      autoscaled.add(workload);
      judge(workload);
    }
    if (kind === "Deployment" || kind === "StatefulSet" || kind === "ReplicaSet") {
      const workload = `${kind} ${namespace}/${name}`;
      const replicas = workloadOf(resource)?.replicas;
      if (replicas === undefined) fixed.delete(workload);
      else fixed.set(workload, replicas);
      judge(workload);
    }
  },
};

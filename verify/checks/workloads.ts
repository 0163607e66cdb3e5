import type { V1DaemonSet, V1Deployment, V1Job, V1StatefulSet, V2HorizontalPodAutoscaler } from "@kubernetes/client-node";
import { describe, failed, passed, skipped, type Check, type Deployed, type World } from "../check";
import { conditionOf } from "../conditions";
import { complaintOf, isPlayed, isReady, PLAYED, podsIn, podsOf, statusesOf } from "../pods";

type Workload = V1Deployment | V1StatefulSet | V1DaemonSet;
const WORKLOADS = ["Deployment", "StatefulSet", "DaemonSet"];

interface Counts {
  readonly wanted: number;
  readonly ready: number;
  readonly updated: number;
  /** Of whatever version. */
  readonly all: number;
}

/** What a workload counts of its pods. A DaemonSet wants as many as there are nodes for it. */
function countsOf({ spec, status }: Workload): Counts {
  if (status && "desiredNumberScheduled" in status) {
    const { desiredNumberScheduled: wanted, numberReady: ready, updatedNumberScheduled: updated = 0 } = status;
    return { wanted, ready, updated, all: updated };
  }
  const replicas = spec && "replicas" in spec ? spec.replicas : undefined;
  const {
    readyReplicas: ready = 0,
    updatedReplicas: updated = 0,
    replicas: all = 0,
  } = (status ?? {}) as NonNullable<V1Deployment["status"]>;
  return { wanted: replicas ?? 1, ready, updated, all };
}

/** Fewest pods that a workload was deployed with: what its autoscaler keeps at least, else what it was asked for itself. */
function leastOf(deployed: Deployed, world: World): number {
  const scaler = world.deployed.find(({ kind, namespace, asked }) => {
    const target = (asked as V2HorizontalPodAutoscaler).spec?.scaleTargetRef;
    return (
      kind === "HorizontalPodAutoscaler" &&
      namespace === deployed.namespace &&
      target?.name === deployed.name &&
      target.kind === deployed.kind
    );
  });
  if (scaler) return (scaler.asked as V2HorizontalPodAutoscaler).spec?.minReplicas ?? 1;
  return (deployed.asked as Partial<V1Deployment>).spec?.replicas ?? 0;
}

export const podsReady: Check<Workload> = {
  id: "pods-ready",
  title: "workloads have all of their pods, of the wanted version and ready",
  source: ["plinko-3", "plinko-6", "plinko-7", "plinko-8", "plinko-9", "plinko-13", "plinko-14", "starter-5", "dotdo-1", "fluxiondb-1"],
  kinds: WORKLOADS,
  async check({ deployed, live }, world) {
    const { wanted, ready, updated, all } = countsOf(live);
    const least = leastOf(deployed, world);
    const found = `${ready} of ${wanted} pods are ready`;
    if ((live.status?.observedGeneration ?? 0) < (live.metadata?.generation ?? 0))
      return failed("its last change has not been looked at yet");
    if (wanted < least) return failed(`is to have ${wanted} pods, and was deployed with at least ${least}`);
    if (ready >= wanted && updated >= wanted && all <= updated) return passed(found);
    const ill = (await podsOf(live, world)).filter((pod) => !isReady(pod));
    if (ill[0] === undefined) return failed(ready < wanted ? found : `${updated} of ${all} pods are of the wanted version`);
    const { why, next } = complaintOf(ill[0]);
    return failed(`${found}; ${why}`, next);
  },
  next: describe,
};

export const enoughMemory: Check<Workload> = {
  id: "enough-memory",
  title: "no container was ended last for want of memory",
  source: ["fluxiondb-2"],
  kinds: WORKLOADS,
  async check({ live }, world) {
    const pods = await podsOf(live, world);
    const starved = pods.flatMap((pod) =>
      statusesOf(pod)
        .filter(({ state, lastState }) => [state, lastState].some((was) => was?.terminated?.reason === "OOMKilled"))
        .map(({ name }) => `container ${name} of pod ${pod.metadata?.name}`),
    );
    return starved.length > 0 ? failed(`${starved.join(", ")} was ended: OOMKilled`) : passed(`${pods.length} pods`);
  },
  next: ({ namespace }) => `kubectl top pods -n ${namespace} --containers`,
};

export const jobComplete: Check<V1Job> = {
  id: "job-complete",
  title: "jobs are complete",
  source: ["plinko-4", "plinko-5", "starter-4"],
  kinds: ["Job"],
  check({ live }) {
    const failure = live.status?.conditions?.find(({ type, status }) => type === "Failed" && status === "True");
    if (failure) return failed(`has failed: ${[failure.reason, failure.message].filter(Boolean).join(", ")}`);
    const complete = conditionOf(live.status?.conditions, "Complete");
    if (complete.status === "passed") return passed("complete");
    return failed(`is not complete: ${live.status?.active ?? 0} pods at work, ${live.status?.failed ?? 0} failed`);
  },
  next: ({ namespace, name }) => `kubectl logs -n ${namespace} job/${name} --all-containers`,
};

export const autoscaler: Check<V2HorizontalPodAutoscaler> = {
  id: "autoscaler",
  title: "autoscalers reach their workload, and it has as many pods as they allow",
  source: ["dotdo-2"],
  kinds: ["HorizontalPodAutoscaler"],
  check({ deployed, live }) {
    const able = conditionOf(live.status?.conditions, "AbleToScale");
    if (able.status === "failed") return able;
    const { minReplicas: least = 1, maxReplicas: most = 1 } = {
      ...live.spec,
      ...(deployed.asked as Partial<V2HorizontalPodAutoscaler>).spec,
    };
    const now = live.status?.currentReplicas ?? 0;
    return now < least || now > most
      ? failed(`has ${now} pods, which is not ${least} to ${most}`)
      : passed(`${now} pods, of ${least} to ${most}`);
  },
  next: describe,
};

export const loadKnown: Check<V2HorizontalPodAutoscaler> = {
  id: "load-known",
  title: "autoscalers know the load of their pods",
  source: ["dotdo-2"],
  kinds: ["HorizontalPodAutoscaler"],
  async check({ deployed, live }, world) {
    const active = conditionOf(live.status?.conditions, "ScalingActive");
    const unmeasured = active.status === "failed" && /\bFailedGet\w*Metric/.test(active.found);
    return unmeasured && (await podsIn(world, deployed.namespace)).some(isPlayed) ? skipped(PLAYED) : active;
  },
  next: describe,
};

import { drop, put, withField, type Case, type Fixture } from "../case";
import { autoscaler, deployment } from "./fixtures";

const POD = "spec.template.spec.";
const SPREAD = `${POD}topologySpreadConstraints`;
/** A Deployment whose replicas are left to an autoscaler. */
const scaled = (): Fixture[] => {
  const stack = [deployment(), autoscaler()];
  drop("spec.replicas")(stack);
  return stack;
};
const single = (): Fixture => withField(deployment(), "spec.replicas", 1);
const recreated = (replicas: number) =>
  withField(withField(deployment(), "spec.strategy", { type: "Recreate" }), "spec.replicas", replicas);
const kept = (props: object = {}): Fixture => ({
  type: "kubernetes:policy/v1:PodDisruptionBudget",
  name: "api-budget",
  props: {
    metadata: { name: "api", namespace: "example" },
    spec: { minAvailable: 1, selector: { matchLabels: { "app.kubernetes.io/name": "api" } } },
    ...props,
  },
});
/** Placed by an affinity alone. */
const placed = (affinity: object): Fixture => {
  const fixture = withField(deployment(), `${POD}affinity`, affinity);
  drop(SPREAD)([fixture]);
  return fixture;
};
const term = { topologyKey: "kubernetes.io/hostname" };
const alone = { field: SPREAD, problem: "is missing, and there is no podAntiAffinity" };
const stateful = { ...deployment(), type: "kubernetes:apps/v1:StatefulSet" };
const daemons = (): Fixture => {
  const fixture = { ...deployment(), type: "kubernetes:apps/v1:DaemonSet" };
  drop(SPREAD)([fixture]);
  return fixture;
};
const one = { field: "spec.replicas", problem: "is 1, and has to be 2 or more" };
const unselected = { field: "spec.template.metadata.labels", problem: "are selected by no PodDisruptionBudget" };

export const availability = {
  "enough-replicas": {
    valid: [
      [deployment()],
      scaled(),
      [recreated(1)],
      [withField(deployment(), "spec.replicas", 0)],
      [{ ...single(), type: "kubernetes:apps/v1:StatefulSet" }],
      [withField(single(), "spec.strategy", { type: "RollingUpdate" }), autoscaler()],
    ],
    mutations: [
      { by: "one pod", change: put("spec.replicas", 1), finds: [one] },
      { by: "the default, one pod", change: drop("spec.replicas"), finds: [one] },
      {
        by: "one pod that rolls",
        change: ([fixture]) => Object.assign(fixture!, withField(single(), "spec.strategy", { type: "RollingUpdate" })),
        finds: [one],
      },
      {
        by: "an autoscaler down to one",
        of: 1,
        change: put("spec.minReplicas", 1, 1),
        finds: [{ resource: "api-autoscaler", field: "spec.minReplicas", problem: "is 1, and has to be 2 or more" }],
      },
      {
        by: "an autoscaler down to its default",
        of: 1,
        change: drop("spec.minReplicas", 1),
        finds: [{ resource: "api-autoscaler", field: "spec.minReplicas", problem: "is 1, and has to be 2 or more" }],
      },
      ...(["kind", "name"] as const).map((key) => ({
        by: `an autoscaler of another ${key}`,
        of: 1,
        change: put(`spec.scaleTargetRef.${key}`, "other", 1),
        finds: [one],
      })),
      { by: "an autoscaler elsewhere", of: 1, change: put("metadata.namespace", "other", 1), finds: [one] },
    ],
  },
  "pods-spread": {
    valid: [
      [deployment()],
      scaled(),
      [placed({ podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } })],
      [placed({ podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: term }] } })],
      [placed({ podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } })],
      [withField(placed({}), "spec.replicas", 1)],
      [daemons()],
      [stateful],
    ],
    mutations: [
      { by: "two pods", change: drop(SPREAD), finds: [alone] },
      { by: "none named", change: put(SPREAD, []), finds: [alone] },
      { by: "an autoscaler's pods", of: 1, change: drop(SPREAD), finds: [alone] },
      { by: "pods of a StatefulSet", of: 7, change: drop(SPREAD), finds: [alone] },
      {
        by: "a wish to be together",
        of: 4,
        change: put(`${POD}affinity`, { podAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ podAffinityTerm: term }] } }),
        finds: [alone],
      },
      {
        by: "no requirement",
        of: 4,
        change: put(`${POD}affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution`, []),
        finds: [alone],
      },
    ],
  },
  "disruption-budget": {
    valid: [[deployment(), kept()], [...scaled(), kept()], [single()], [daemons()], [stateful, kept()]],
    mutations: [
      { by: "none", change: (fixtures) => void fixtures.pop(), finds: [unselected] },
      { by: "one elsewhere", change: put("metadata.namespace", "other", 1), finds: [unselected] },
      { by: "one of others", change: put('spec.selector.matchLabels["app.kubernetes.io/name"]', "web", 1), finds: [unselected] },
      { by: "pods without labels", change: drop("spec.template.metadata"), finds: [unselected] },
      { by: "none for an autoscaler's pods", of: 1, change: (fixtures) => void fixtures.pop(), finds: [unselected] },
      { by: "none for a StatefulSet", of: 4, change: (fixtures) => void fixtures.pop(), finds: [unselected] },
    ],
  },
  "rolling-update": {
    valid: [[deployment()], [recreated(1)], [{ ...recreated(2), type: "kubernetes:apps/v1:ReplicaSet" }]],
    mutations: [
      {
        by: "two pods that end at once",
        of: 1,
        change: put("spec.replicas", 2),
        finds: [{ field: "spec.strategy.type", problem: "is Recreate beside 2 replicas, and has to be RollingUpdate" }],
      },
    ],
  },
} satisfies Record<string, Case>;

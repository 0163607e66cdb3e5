import { drop, put, withField, type Case, type Fixture } from "../case";
import { autoscaler } from "./fixtures";
import { after, budget, changed, chart, deployment } from "./wired";

const kept = (minAvailable: number | string, replicas = 3): Fixture[] => {
  const stack = [budget(), deployment()];
  put("spec.maxUnavailable", undefined)(stack);
  put("spec.minAvailable", minAvailable)(stack);
  put("spec.replicas", replicas, 1)(stack);
  return stack;
};
const noneOf = (minAvailable: number | string, pods: number) => [
  { field: "spec.minAvailable", problem: `is ${minAvailable}, and there may be no more than ${pods}, so that none may go` },
];
const keeping = (minAvailable: number | string, pods = 3) => ({
  by: `minAvailable ${minAvailable} of ${pods}`,
  of: 1,
  change: (stack: Fixture[]) => {
    put("spec.minAvailable", minAvailable)(stack);
    put("spec.replicas", pods, 1)(stack);
  },
  finds: noneOf(minAvailable, pods),
});
const going = (maxUnavailable: number | string) => ({
  by: `maxUnavailable ${maxUnavailable}`,
  change: put("spec.maxUnavailable", maxUnavailable),
  finds: [{ field: "spec.maxUnavailable", problem: `is ${maxUnavailable}, so that no pod may go` }],
});
const nobody = [{ field: "spec.selector", problem: "takes no pod that the stack has in namespace example" }];
const ofNodes = { ...deployment(), type: "kubernetes:apps/v1:DaemonSet" };

export const disruption = {
  "budget-selects-pods": {
    valid: [
      [budget(), deployment()],
      changed([budget(), deployment()], "spec.selector", {}),
      [budget("other")],
      [budget("other"), deployment(), chart],
      [{ ...budget("other"), type: "kubernetes:core/v1:Service" }, deployment()],
    ],
    mutations: [
      { by: "a label that no pod has", change: put("spec.selector.matchLabels.tier", "front"), finds: nobody },
      { by: "no selector", change: drop("spec.selector"), finds: nobody },
    ],
  },
  "budget-lets-pods-go": {
    valid: [
      [budget(), deployment()],
      kept(2),
      kept("50%"),
      kept("66%"),
      kept(2, 0),
      kept(2).slice(0, 1),
      [...kept(2, 1), autoscaler()].map((fixture, index) => (index === 2 ? withField(fixture, "spec.minReplicas", 3) : fixture)),
      [kept(9)[0]!, ofNodes, deployment()],
      changed([budget(), deployment()], "spec.maxUnavailable", "1%"),
      [{ ...withField(budget(), "spec.maxUnavailable", 0), type: "kubernetes:apps/v1:DaemonSet" }],
    ],
    mutations: [
      going(0),
      going("0%"),
      keeping(3),
      keeping(4),
      keeping("67%"),
      keeping("50%", 1),
      {
        by: "minAvailable 100%",
        of: 7,
        change: put("spec.minAvailable", "100%"),
        finds: [{ field: "spec.minAvailable", problem: "is 100%, so that no pod may go" }],
      },
      {
        by: "minAvailable 1 of a single pod",
        of: 1,
        change: (stack) => (put("spec.minAvailable", 1)(stack), drop("spec.replicas", 1)(stack)),
        finds: noneOf(1, 1),
      },
      { by: "no more than an autoscaler may leave", of: 6, change: put("spec.minReplicas", 2, 2), finds: noneOf(2, 2) },
      { by: "no more than an autoscaler leaves by itself", of: 6, change: drop("spec.minReplicas", 2), finds: noneOf(2, 1) },
      {
        by: "no more than two workloads have together",
        of: 1,
        change: (stack) => {
          put("spec.minAvailable", 4)(stack);
          stack.push(withField({ ...deployment(), name: "second" }, "metadata.name", "second"));
          put("spec.replicas", 1, 2)(stack);
        },
        finds: noneOf(4, 4),
      },
    ],
  },
  "one-budget": {
    valid: [
      [budget(), deployment()],
      [budget(), budget("other", "second"), deployment(), deployment("other")],
      after([budget(), budget("api", "second"), deployment()], put("metadata.namespace", "elsewhere", 1)),
    ],
    mutations: [
      {
        by: "a second one",
        of: 1,
        change: put("spec.selector", {}, 1),
        finds: [
          {
            resource: "second",
            field: "spec.selector",
            problem: "takes the pods of Deployment example/api, as PodDisruptionBudget example/budget does",
          },
        ],
      },
    ],
  },
} satisfies Record<string, Case>;

import { drop, put, type Case, type Fixture } from "../case";
import { autoscaler, deployment } from "./fixtures";

const scaled = (): Fixture[] => {
  const stack = [autoscaler(), deployment()];
  drop("spec.replicas", 1)(stack);
  return stack;
};

export const wiring = {
  "one-scaler": {
    valid: [scaled(), [deployment()], [autoscaler("other"), deployment()]],
    mutations: [
      {
        by: "replicas beside an autoscaler",
        change: put("spec.replicas", 3, 1),
        finds: [
          {
            resource: "api-autoscaler",
            field: "spec.scaleTargetRef",
            problem: "is Deployment example/api, whose spec.replicas is 3, and has to be left to it",
          },
        ],
      },
    ],
  },
} satisfies Record<string, Case>;

import { drop, put, withField, type Case, type Fixture } from "../case";
import { autoscaler } from "./fixtures";
import { after, changed, chart, container, deployment, object } from "./wired";

const scaled = (metrics: readonly object[] = []): Fixture[] => {
  const stack = [withField(autoscaler(), "spec.metrics", metrics), deployment()];
  drop("spec.replicas", 1)(stack);
  return stack;
};
const share = { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 70 } } };
const ofContainer = (of: string) => ({
  type: "ContainerResource",
  containerResource: { name: "cpu", container: of, target: { type: "Utilization", averageUtilization: 70 } },
});
const CPU = "spec.template.spec.containers[0].resources.requests.cpu";
const noRequest = (container: string, field = "spec.metrics[0]") => ({
  container,
  field,
  problem: "is a share of cpu, of which Deployment example/api requests none",
});
const range = (limit: object) => object("core/v1:LimitRange", "range", { limits: [limit] });
const unasked = (...more: Fixture[]): Fixture[] => {
  const stack = [...scaled([share]), ...more];
  drop(CPU, 1)(stack);
  return stack;
};

export const scaling = {
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
  "one-autoscaler": {
    valid: [scaled(), [...scaled(), { ...autoscaler("other"), name: "other" }], [autoscaler("other")]],
    mutations: [
      {
        by: "a second one",
        change: (stack) => void stack.push({ ...autoscaler(), name: "second" }),
        finds: [
          {
            resource: "second",
            field: "spec.scaleTargetRef",
            problem: "is Deployment example/api, which HorizontalPodAutoscaler example/api scales already",
          },
        ],
      },
    ],
  },
  "autoscaler-has-target": {
    valid: [
      scaled(),
      changed(scaled(), "spec.scaleTargetRef.apiVersion", undefined),
      [autoscaler("another stack's")],
      [...changed(scaled(), "spec.scaleTargetRef.name", "other"), chart],
      [deployment()],
    ],
    mutations: [
      {
        by: "another name",
        change: put("spec.scaleTargetRef.name", "other"),
        finds: [{ field: "spec.scaleTargetRef", problem: "is Deployment other, and the stack has none in namespace example" }],
      },
      {
        by: "another kind",
        change: put("spec.scaleTargetRef.kind", "StatefulSet"),
        finds: [{ field: "spec.scaleTargetRef", problem: "is StatefulSet api, and the stack has none in namespace example" }],
      },
      {
        by: "another version",
        change: put("spec.scaleTargetRef.apiVersion", "extensions/v1beta1"),
        finds: [
          { field: "spec.scaleTargetRef.apiVersion", problem: "is extensions/v1beta1, and that of Deployment example/api is apps/v1" },
        ],
      },
    ],
  },
  "autoscaler-has-requests": {
    valid: [
      scaled([share]),
      changed(unasked(), "spec.metrics[0].resource.target.type", "AverageValue"),
      changed(unasked(), "spec.metrics", [{ type: "Pods", pods: { metric: { name: "requests" } } }]),
      unasked(range({ type: "Container", defaultRequest: { cpu: "10m" } })),
      unasked(range({ type: "Container", default: { cpu: "10m" } })),
      after(scaled([ofContainer("api")]), put("spec.template.spec.containers[1]", { name: "other" }, 1)),
      after(scaled([share]), put("spec.template.spec.containers[0].resources", { limits: { cpu: "1" } }, 1)),
      [withField(autoscaler("another stack's"), "spec.metrics", [share])],
    ],
    mutations: [
      { by: "no request", change: drop(CPU, 1), finds: [noRequest("api")] },
      { by: "no resources", change: drop("spec.template.spec.containers[0].resources", 1), finds: [noRequest("api")] },
      {
        by: "a sidecar without, beside an init container without",
        change: put(
          "spec.template.spec.initContainers",
          [
            { ...container("first"), resources: {} },
            { ...container("sidecar"), resources: {}, restartPolicy: "Always" },
          ],
          1,
        ),
        finds: [noRequest("sidecar")],
      },
      {
        by: "a default of something else",
        change: (stack) => {
          drop(CPU, 1)(stack);
          stack.push(range({ type: "Container", defaultRequest: { memory: "1Gi" } }), range({ type: "Pod", default: { cpu: "1" } }));
        },
        finds: [noRequest("api")],
      },
      { by: "no request of the container that counts", of: 5, change: drop(CPU, 1), finds: [noRequest("api")] },
      {
        by: "the older form",
        change: (stack) => {
          drop(CPU, 1)(stack);
          put("spec.metrics", undefined)(stack);
          put("spec.targetCPUUtilizationPercentage", 70)(stack);
        },
        finds: [noRequest("api", "spec.targetCPUUtilizationPercentage")],
      },
    ],
  },
} satisfies Record<string, Case>;

import { drop, put, withField, type Case, type Fixture } from "../case";
import { autoscaler } from "./fixtures";
import { after, changed, container, deployment, object } from "./wired";

const quota = (hard: Record<string, string>) => object("core/v1:ResourceQuota", "quota", { hard });
const CPU = "spec.template.spec.containers[0].resources";
const asks = (cpu: string, memory = "64Mi") => ({ requests: { cpu, memory }, limits: { cpu: "1", memory: "128Mi" } });

/** Three pods of 250m and 64Mi, each after an init container of 100m and 64Mi. */
const three = (hard: Record<string, string>, ...more: Fixture[]): Fixture[] => [
  quota(hard),
  withField(withField(deployment(), "spec.replicas", 3), CPU, asks("250m")),
  ...more,
];
const exceeded = (key: string, hard: string, asked: string, most: string, by = `${key} ${hard}`) => ({
  by,
  change: put("spec.hard", { [key]: hard }),
  finds: [{ field: `spec.hard.${key}`, problem: `is ${hard}, and the stack asks for up to ${asked}, most of it for ${most}` }],
});
const API = "Deployment example/api: 3";
const job = (parallelism?: number) =>
  object("batch/v1:Job", "job", { parallelism, template: { spec: { containers: [container("job")] } } });
const cronJob = (parallelism?: number) =>
  object("batch/v1:CronJob", "cron-job", {
    jobTemplate: { spec: { parallelism, template: { spec: { containers: [container("cron-job")] } } } },
  });
const claim = (storage: string) => object("core/v1:PersistentVolumeClaim", "claim", { resources: { requests: { storage } } });
const set = object("apps/v1:StatefulSet", "set", {
  replicas: 2,
  template: { spec: { containers: [container("set")] } },
  volumeClaimTemplates: [{ spec: { resources: { requests: { storage: "5Gi" } } } }],
});
const missing = (resource: string, of = "api", list = "containers") => ({
  resource: "api",
  container: of,
  field: `spec.template.spec.${list}[0].resources.${resource}`,
  problem: "is missing, and a quota of the namespace counts it",
});
const range = (limit: object) => object("core/v1:LimitRange", "range", { limits: [{ type: "Container", ...limit }] });
const out = (field: string, problem: string) => [{ resource: "api", container: "api", field: `${CPU}.${field}`, problem }];

export const room = {
  "quota-has-room": {
    valid: [
      three({ pods: "3", "requests.cpu": "750m", "requests.memory": "192Mi", "limits.cpu": "3", "limits.memory": "384Mi" }),
      three({ cpu: "0.75", memory: "201326592", services: "0" }),
      [quota({ pods: "0", "requests.storage": "0", persistentvolumeclaims: "0" })],
      [quota({ "requests.storage": "15Gi", persistentvolumeclaims: "3" }), claim("5Gi"), set],
      changed(three({ pods: "1" }), "spec.scopes", ["Terminating"]),
      changed(three({ pods: "1" }), "spec.scopeSelector", { matchExpressions: [] }),
      three({ pods: "3" }, withField({ ...deployment(), name: "elsewhere" }, "metadata.namespace", "elsewhere")),
      three({ pods: "10" }, autoscaler()),
      three({ pods: "3" }, object("core/v1:PodTemplate", "template", {}, { template: { spec: {} } })),
      [quota({ "requests.cpu": "300m" }), ...changed([deployment()], "spec.replicas", 3)],
      [quota({ pods: "3" }), job(), cronJob(), changed([deployment()], "spec.replicas", undefined)[0]!],
      [quota({ pods: "5" }), job(2), cronJob(3)],
      [quota({ "requests.cpu": "0.3" }), ...changed([deployment()], "spec.replicas", 3)],
    ],
    mutations: [
      exceeded("pods", "2", "3", `${API} × 1`),
      exceeded("requests.cpu", "749m", "0.75", `${API} × 0.25`),
      exceeded("cpu", "700m", "0.75", `${API} × 0.25`),
      exceeded("requests.memory", "191Mi", "192Mi", `${API} × 64Mi`),
      exceeded("limits.cpu", "2", "3", `${API} × 1`),
      exceeded("limits.memory", "0.25Gi", "384Mi", `${API} × 128Mi`),
      { ...exceeded("requests.storage", "14Gi", "15Gi", "StatefulSet example/set: 2 × 5Gi"), of: 3 },
      { ...exceeded("persistentvolumeclaims", "2", "3", "StatefulSet example/set: 2 × 1"), of: 3 },
      { ...exceeded("pods", "9", "10", "Deployment example/api: 10 × 1"), of: 7 },
      { ...exceeded("pods", "2", "3", "Job example/job: 1 × 1"), of: 10 },
      { ...exceeded("pods", "4", "5", "CronJob example/cron-job: 3 × 1"), of: 11 },
      {
        by: "an init container that asks for more than all others",
        change: (stack) => {
          put("spec.hard", { "requests.cpu": "1" })(stack);
          put("spec.template.spec.initContainers[0].resources", asks("400m"), 1)(stack);
        },
        finds: exceeded("requests.cpu", "1", "1.2", `${API} × 0.4`).finds,
      },
      {
        by: "an init container beside a sidecar that has started before it",
        change: (stack) => {
          put("spec.hard", { "requests.cpu": "1" })(stack);
          put(
            "spec.template.spec.initContainers",
            [{ ...container("sidecar"), restartPolicy: "Always" }, container("next"), { ...container("last"), resources: asks("300m") }],
            1,
          )(stack);
        },
        finds: exceeded("requests.cpu", "1", "1.2", `${API} × 0.4`).finds,
      },
      {
        by: "a sidecar that runs beside the others",
        change: (stack) => {
          put("spec.hard", { "requests.cpu": "1" })(stack);
          put("spec.template.spec.initContainers", [container("next"), { ...container("sidecar"), restartPolicy: "Always" }], 1)(stack);
        },
        finds: exceeded("requests.cpu", "1", "1.05", `${API} × 0.35`).finds,
      },
      {
        by: "an autoscaler without a maximum, which counts as one pod",
        of: 7,
        change: (stack) => (drop("spec.maxReplicas", 2)(stack), put("spec.hard", { pods: "0" })(stack)),
        finds: exceeded("pods", "0", "1", "Deployment example/api: 1 × 1").finds,
      },
    ],
  },
  "quota-amounts-set": {
    valid: [
      three({ "requests.cpu": "1", "limits.memory": "1Gi", pods: "3" }),
      [
        quota({ "limits.cpu": "1" }),
        ...changed([deployment()], "spec.template.spec", { containers: [{ ...container("api"), resources: asks("1") }] }),
      ],
      changed(three({ "limits.cpu": "1" }), "spec.scopes", ["Terminating"]),
      three({ "limits.cpu": "1" }, range({ default: { cpu: "1" } })),
      three({ "requests.ephemeral-storage": "1" }),
      after(three({ cpu: "1" }, range({ defaultRequest: { cpu: "1" } })), put(CPU, {}, 1)),
      after(three({ cpu: "1" }), put(CPU, { limits: { cpu: "1" } }, 1)),
      after(three({ cpu: "1" }), put("spec.template.spec.ephemeralContainers", [{ name: "debug" }], 1)),
    ],
    mutations: [
      {
        by: "neither request nor limit of CPU",
        change: (stack) => (drop(`${CPU}.requests.cpu`, 1)(stack), drop(`${CPU}.limits.cpu`, 1)(stack)),
        finds: [missing("requests.cpu")],
      },
      { by: "no limit of memory", change: drop(`${CPU}.limits.memory`, 1), finds: [missing("limits.memory")] },
      {
        by: "no limit of an init container",
        change: put("spec.hard", { "limits.cpu": "1" }),
        finds: [missing("limits.cpu", "first", "initContainers")],
      },
      {
        by: "a default of requests only",
        of: 3,
        change: put("spec.limits[0]", { type: "Container", defaultRequest: { cpu: "1" } }, 2),
        finds: [missing("limits.cpu", "first", "initContainers")],
      },
      {
        by: "a default of pods",
        of: 3,
        change: put("spec.limits[0].type", "Pod", 2),
        finds: [missing("limits.cpu", "first", "initContainers")],
      },
    ],
  },
  "limit-range-held": {
    valid: [
      three({}, range({ max: { cpu: "1", memory: "128Mi" }, min: { cpu: "100m" } })),
      three({}, withField(range({ max: { cpu: "1m" } }), "spec.limits[0].type", "Pod")),
      three({}, withField(range({ max: { cpu: "1m" } }), "metadata.namespace", "elsewhere")),
      three({}, range({})),
    ],
    mutations: [
      {
        by: "more than the most",
        change: put(`${CPU}.limits.cpu`, "1001m", 1),
        finds: out("limits.cpu", "is 1001m, and may be at most 1"),
      },
      {
        by: "less than the least",
        change: put(`${CPU}.requests.cpu`, "99m", 1),
        finds: out("requests.cpu", "is 99m, and has to be at least 100m"),
      },
    ],
  },
} satisfies Record<string, Case>;

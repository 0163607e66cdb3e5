import { drop, put, withField, type Case, type Mutation } from "../case";
import { barePod, cronJob, deployment } from "./fixtures";

const TOKEN = "automountServiceAccountToken";
const unlabelled = (path: string, missing: string, of = 0): Mutation => ({
  by: `${path} without ${missing}`,
  of,
  change: drop(`${path}.labels["${missing}"]`),
  finds: [{ field: `${path}.labels`, problem: `has no ${missing}` }],
});

export const workloads = {
  "no-bare-pod": {
    valid: [[deployment()], [cronJob()]],
    mutations: [
      {
        by: "a pod",
        change: (fixtures) => void fixtures.splice(0, 1, barePod()),
        finds: [{ resource: "alone", field: "kind", problem: "is Pod, and has to be a workload that makes it" }],
      },
    ],
  },
  "no-service-account-token": {
    valid: [
      [deployment()],
      [barePod()],
      [cronJob()],
      [{ type: "kubernetes:core/v1:Service", name: "api", props: { metadata: {}, spec: {} } }],
    ],
    mutations: [
      {
        by: "a token",
        change: put(`spec.template.spec.${TOKEN}`, true),
        finds: [{ field: `spec.template.spec.${TOKEN}`, problem: "is true, and has to be false" }],
      },
      {
        by: "nothing said",
        of: 1,
        change: drop(`spec.${TOKEN}`),
        finds: [{ field: `spec.${TOKEN}`, problem: "is missing, and has to be false" }],
      },
    ],
  },
  "labels-set": {
    valid: [[deployment()], [barePod()], [{ type: "kubernetes:core/v1:Service", name: "api", props: { metadata: {}, spec: {} } }]],
    mutations: [
      unlabelled("metadata", "app.kubernetes.io/name"),
      unlabelled("spec.template.metadata", "app.kubernetes.io/part-of"),
      unlabelled("metadata", "app.kubernetes.io/part-of", 1),
      {
        by: "pods without metadata",
        change: drop("spec.template.metadata"),
        finds: [{ field: "spec.template.metadata.labels", problem: "has no app.kubernetes.io/name, app.kubernetes.io/part-of" }],
      },
    ],
  },
  "cron-deadline": {
    valid: [[cronJob()], [withField(cronJob(), "spec.startingDeadlineSeconds", 0)], [deployment()]],
    mutations: [
      {
        by: "no deadline",
        change: drop("spec.startingDeadlineSeconds"),
        finds: [{ field: "spec.startingDeadlineSeconds", problem: "is missing" }],
      },
    ],
  },
} satisfies Record<string, Case>;

import type { Fixture } from "../case";

/** A container that holds every rule. */
export const container = (name: string) => ({
  name,
  image: `ghcr.io/example/${name}:1.2.3`,
  resources: { requests: { cpu: "100m", memory: "64Mi" }, limits: { cpu: "1", memory: "64Mi" } },
  securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } },
});

/** A pod that holds every rule. */
const pod = (name: string) => ({
  automountServiceAccountToken: false,
  securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: "RuntimeDefault" } },
  initContainers: [container("first")],
  containers: [
    {
      ...container(name),
      ports: [{ name: "http", containerPort: 8080 }],
      readinessProbe: { httpGet: { path: "/ready", port: "http" } },
      livenessProbe: { httpGet: { path: "/live", port: "http" } },
    },
  ],
  volumes: [{ name: "scratch", emptyDir: {} }],
  topologySpreadConstraints: [{ topologyKey: "kubernetes.io/hostname", maxSkew: 1, whenUnsatisfiable: "ScheduleAnyway" }],
});
const labelsOf = (name: string) => ({ "app.kubernetes.io/name": name, "app.kubernetes.io/part-of": "example" });

/** A Deployment that holds every rule. */
export const deployment = (name = "api", parents?: readonly string[]): Fixture => ({
  type: "kubernetes:apps/v1:Deployment",
  name,
  parents,
  props: {
    metadata: { name, namespace: "example", labels: labelsOf(name) },
    spec: {
      replicas: 2,
      selector: { matchLabels: { "app.kubernetes.io/name": name } },
      template: { metadata: { labels: labelsOf(name) }, spec: pod(name) },
    },
  },
});

/** The same pods of a Job, started by a CronJob. */
export const cronJob = (name = "nightly"): Fixture => ({
  type: "kubernetes:batch/v1:CronJob",
  name,
  props: {
    metadata: { name, namespace: "example", labels: labelsOf(name) },
    spec: {
      schedule: "0 4 * * *",
      startingDeadlineSeconds: 3600,
      jobTemplate: { spec: { template: { metadata: { labels: labelsOf(name) }, spec: { ...pod(name), restartPolicy: "Never" } } } },
    },
  },
});

/** A pod by itself. */
export const barePod = (name = "alone"): Fixture => ({
  type: "kubernetes:core/v1:Pod",
  name,
  props: { metadata: { name, namespace: "example", labels: labelsOf(name) }, spec: pod(name) },
});

export const autoscaler = (name = "api", parents?: readonly string[]): Fixture => ({
  type: "kubernetes:autoscaling/v2:HorizontalPodAutoscaler",
  name: `${name}-autoscaler`,
  parents,
  props: {
    metadata: { name, namespace: "example" },
    spec: { scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name }, minReplicas: 2, maxReplicas: 10 },
  },
});

export const configMap = (name = "settings"): Fixture => ({
  type: "kubernetes:core/v1:ConfigMap",
  name,
  props: { metadata: { name, namespace: "example" }, data: { LOG_LEVEL: "info" } },
});

/** A resource of the core or another group: `resource("core/v1:Service", "api", parents, {…})`. */
export const resource = (kind: string, name: string, parents: readonly string[], props: Fixture["props"]): Fixture => ({
  type: `kubernetes:${kind}`,
  name,
  parents,
  props,
});

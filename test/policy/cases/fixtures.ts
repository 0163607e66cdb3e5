import type { Fixture } from "../case";

/** A container that holds every rule. */
export const container = (name: string) => ({
  name,
  image: `ghcr.io/example/${name}:1.2.3`,
  resources: { requests: { cpu: "100m", memory: "64Mi" }, limits: { memory: "64Mi" } },
});

/** A Deployment that holds every rule. */
export const deployment = (name = "api", parents?: readonly string[]): Fixture => ({
  type: "kubernetes:apps/v1:Deployment",
  name,
  parents,
  props: {
    metadata: { name, namespace: "example", labels: { "app.kubernetes.io/name": name } },
    spec: {
      replicas: 2,
      selector: { matchLabels: { "app.kubernetes.io/name": name } },
      template: {
        metadata: { labels: { "app.kubernetes.io/name": name } },
        spec: { initContainers: [container("first")], containers: [container(name)] },
      },
    },
  },
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

import { z } from "zod";
import { Count, DnsLabel, flag, Labels, Positive, Quantity, text } from "../kubernetes/options";
import { checkExisting, installed, Replicas, SecretName, Url, Volume } from "./part-options";

export const Prometheus = z
  .strictObject({
    ...installed("Prometheus", "monitoring", "The Prometheus operator and a Prometheus are"),
    replicas: Replicas("Prometheus"),
    retention: text(/^[1-9]\d*(h|d|w|y)$/, "time: write a number with h, d, w or y, such as 15d")
      .default("15d")
      .meta({ description: "How long metrics are kept." }),
    storage: Volume("50Gi"),
    alertmanager: flag(true, "Install Alertmanager, which sends alerts on."),
    grafana: flag(true, "Install Grafana, with a password of its own in a Secret."),
    nodeExporter: z
      .strictObject({
        enabled: flag(true, "Install the node exporter."),
        namespace: DnsLabel.default("node-exporter").meta({ description: "Namespace of its own, as it is privileged." }),
      })
      .prefault({})
      .meta({ description: "Metrics of the nodes." }),
    serviceMonitorLabels: Labels.default({}).meta({
      description: "Labels without which a Prometheus that is there already passes ServiceMonitors over.",
    }),
    url: Url.optional().meta({
      description: "Address of a Prometheus that is there already. Default: prometheus-operated in its namespace.",
    }),
  })
  .superRefine(checkExisting)
  .meta({ description: "kube-prometheus-stack: Prometheus, its operator, Alertmanager and Grafana." });
export type Prometheus = z.output<typeof Prometheus>;

const S3 = z
  .strictObject({
    bucket: z.string().min(3).max(63).meta({ description: "Bucket." }),
    region: z.string().min(1).default("us-east-1").meta({ description: "Region." }),
    endpoint: Url.optional().meta({ description: "Address of a store that is not AWS." }),
    secrets: z
      .strictObject({ accessKeyId: SecretName.optional(), secretAccessKey: SecretName.optional() })
      .refine(({ accessKeyId, secretAccessKey }) => (accessKeyId === undefined) === (secretAccessKey === undefined), {
        path: ["secretAccessKey"],
        error: "goes together with secrets.accessKeyId: write both, or neither",
      })
      .prefault({})
      .meta({ description: "Access key. Default: the identity of Loki's ServiceAccount." }),
  })
  .meta({ description: "S3-compatible store of the logs. Default: the volume." });

export const Loki = z
  .strictObject({
    ...installed("Loki", "loki"),
    retentionHours: Positive.default(744).meta({ description: "Hours that logs are kept." }),
    storage: Volume("20Gi"),
    s3: S3.optional(),
    url: Url.optional().meta({ description: "Address of a Loki that is there already. Default: loki in its namespace." }),
  })
  .superRefine(checkExisting)
  .meta({ description: "Loki, as one pod. What ships logs to it is not part of it." });
export type Loki = z.output<typeof Loki>;

export const MetricsServer = z
  .strictObject({
    ...installed("metrics-server", "metrics-server"),
    replicas: Replicas("metrics-server"),
    kubeletInsecureTls: flag(false, "Trust kubelets without a certificate of the cluster's own."),
  })
  .superRefine(checkExisting)
  .meta({ description: "metrics-server: CPU and memory for autoscalers and `kubectl top`. Many providers bring it: `existing: true`." });
export type MetricsServer = z.output<typeof MetricsServer>;

export const PrometheusAdapter = z
  .strictObject({
    ...installed("prometheus-adapter", "prometheus-adapter"),
    replicas: Replicas("prometheus-adapter"),
    rateWindowSeconds: Count.min(30)
      .default(120)
      .meta({ description: "Seconds over which requests per second are measured; at least twice the scrape interval." }),
    memory: Quantity.default("512Mi").meta({ description: "Memory of each pod." }),
  })
  .superRefine(checkExisting)
  .meta({ description: "prometheus-adapter: dotdo's active instances and requests per second, for its autoscaler." });
export type PrometheusAdapter = z.output<typeof PrometheusAdapter>;

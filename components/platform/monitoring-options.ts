import * as z from "zod";
import { Count, DnsLabel, flag, Labels, Positive, Quantity, text } from "../kubernetes/options";
import { Runbooks, Systems } from "../observability/options";
import { Alerting } from "./alert-options";
import { checkExisting, installed, Replicas, S3Store, Url, Version, Volume } from "./part-options";

export const Prometheus = z
  .strictObject({
    ...installed("Prometheus", "monitoring", "The Prometheus operator and a Prometheus are"),
    replicas: Replicas("Prometheus"),
    retention: text(/^[1-9]\d*(h|d|w|y)$/, "time: write a number with h, d, w or y, such as 15d")
      .default("15d")
      .meta({ description: "How long metrics are kept." }),
    storage: Volume("50Gi"),
    alertmanager: z
      .union([z.boolean(), Alerting])
      .default(true)
      .meta({ description: "Install Alertmanager. With `true` it shows alerts and sends none on; a map says whom it sends them to." }),
    grafana: flag(true, "Install Grafana, with a password of its own in a Secret."),
    nodeExporter: z
      .strictObject({
        enabled: flag(true, "Install the node exporter."),
        namespace: DnsLabel.default("node-exporter").meta({ description: "Namespace of its own, as it is privileged." }),
      })
      .prefault({})
      .meta({ description: "Metrics of the nodes." }),
    serviceMonitorLabels: Labels.default({}).meta({
      description: "Labels without which a Prometheus that is there already passes ServiceMonitors and rules over.",
    }),
    systems: Systems,
    runbooks: Runbooks,
    url: Url.optional().meta({
      description: "Address of a Prometheus that is there already. Default: prometheus-operated in its namespace.",
    }),
  })
  .superRefine(checkExisting)
  .superRefine(({ existing, alertmanager }, context) => {
    if (!existing || typeof alertmanager === "boolean") return;
    const message = "is not used where `existing` is true: say it to the Alertmanager that is there; leave one of them out";
    context.addIssue({ code: "custom", path: ["alertmanager"], message, params: { remedy: "remove" } });
  })
  .meta({ description: "kube-prometheus-stack: Prometheus, its operator, Alertmanager and Grafana." });
export type Prometheus = z.output<typeof Prometheus>;

const Collector = z
  .strictObject({
    enabled: z.boolean().optional().meta({ description: "Ship the logs of all pods to Loki. Default: true, unless `existing` is." }),
    version: Version.optional(),
    namespace: DnsLabel.default("alloy").meta({ description: "Namespace of Alloy, which is made." }),
    replicas: Replicas("Alloy, which share the work"),
    memory: Quantity.default("512Mi").meta({ description: "Memory of each pod." }),
  })
  .prefault({})
  .meta({ description: "Grafana Alloy, which reads the logs of all pods through the API server." });
export type Collector = z.output<typeof Collector>;

export const Loki = z
  .strictObject({
    ...installed("Loki", "loki"),
    retentionHours: Positive.default(744).meta({ description: "Hours that logs are kept." }),
    storage: Volume("20Gi"),
    s3: S3Store("the logs", "Loki's ServiceAccount")
      .optional()
      .meta({ description: "S3-compatible store of the logs. Default: the volume." }),
    collector: Collector,
    url: Url.optional().meta({ description: "Address of a Loki that is there already. Default: loki in its namespace." }),
  })
  .superRefine(checkExisting)
  .meta({ description: "Loki, as one pod, and what ships logs to it." });
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

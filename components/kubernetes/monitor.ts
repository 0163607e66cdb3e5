import type { Metadata } from "./metadata";

interface Options {
  readonly interval: string;
  readonly scrapeTimeout: string;
  readonly relabelings: Record<string, unknown>[];
  readonly metricRelabelings: Record<string, unknown>[];
}

/** A pod that drains is scraped no more: a scraper that keeps its connection open would hold the pod. */
const NOT_TERMINATING = {
  action: "drop",
  sourceLabels: ["__meta_kubernetes_endpointslice_endpoint_conditions_terminating"],
  regex: "true",
};

/**
 * A ServiceMonitor of the Prometheus operator.
 *
 * @param target labels that exactly one Service carries, or each pod is scraped once a Service
 */
export const serviceMonitorOf = (
  metadata: Metadata,
  target: {
    readonly namespace: Metadata["namespace"];
    readonly labels: Record<string, string>;
    readonly port: string;
    readonly path: string;
  },
  { relabelings, ...options }: Options,
) => ({
  apiVersion: "monitoring.coreos.com/v1",
  kind: "ServiceMonitor",
  metadata,
  spec: {
    namespaceSelector: { matchNames: [target.namespace] },
    selector: { matchLabels: target.labels },
    endpoints: [{ port: target.port, path: target.path, relabelings: [NOT_TERMINATING, ...relabelings], ...options }],
  },
});

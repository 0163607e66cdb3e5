import type * as pulumi from "@pulumi/pulumi";
import type { PrometheusAdapter } from "./monitoring-options";
import type { Room } from "./room";

interface Rule {
  readonly seriesQuery: string;
  readonly resources: { readonly overrides: Readonly<Record<string, { readonly resource: string }>> };
  readonly name: { readonly matches: string; readonly as: string };
  readonly metricsQuery: string;
}

/** Values of the chart (charts/prometheus-adapter/values.yaml of prometheus-community/helm-charts). */
interface Values {
  readonly prometheus: { readonly url: string; readonly port: number; readonly path: string };
  readonly replicas: number;
  readonly podDisruptionBudget: { readonly enabled: boolean; readonly minAvailable?: number; readonly maxUnavailable?: number | null };
  readonly resources: {
    readonly requests: { readonly cpu: string; readonly memory: string };
    readonly limits: { readonly memory: string };
  };
  readonly rules: { readonly default: boolean; readonly custom: readonly Rule[] };
}

/** A metric of pods, under the name by which an autoscaler asks for it. */
const rule = (series: string, name: string, query: string): Rule => ({
  seriesQuery: `${series}{namespace!="",pod!=""}`,
  resources: { overrides: { namespace: { resource: "namespace" }, pod: { resource: "pod" } } },
  name: { matches: `^${series}$`, as: name },
  metricsQuery: `sum(${query}) by (<<.GroupBy>>)`,
});

const SERIES = "<<.Series>>{<<.LabelMatchers>>}";

/** What dotdo's autoscaler may ask for: a gauge as it is, and a counter as a rate (seed 000, Prometheus metrics). */
export const rulesOf = (windowSeconds: number): Rule[] => [
  rule("dotdo_active_instances", "dotdo_active_instances", SERIES),
  rule("dotdo_requests_total", "dotdo_requests_per_second", `rate(${SERIES}[${windowSeconds}s])`),
];

/** Names under which autoscalers find the metrics. */
export const METRICS: readonly string[] = rulesOf(60).map(({ name }) => name.as);

/** @param prometheus address of Prometheus */
export function prometheusAdapterValues({ replicas, rateWindowSeconds, memory }: PrometheusAdapter, prometheus: string): Values {
  const { protocol, hostname, port, pathname } = new URL(prometheus);
  return {
    prometheus: {
      url: `${protocol}//${hostname}`,
      port: port === "" ? (protocol === "https:" ? 443 : 80) : Number(port),
      path: pathname === "/" ? "" : pathname,
    },
    replicas,
    podDisruptionBudget: replicas > 1 ? { enabled: true, maxUnavailable: 1 } : { enabled: false },
    resources: { requests: { cpu: "100m", memory }, limits: { memory } },
    rules: { default: false, custom: rulesOf(rateWindowSeconds) },
  };
}

/** @param prometheus address of Prometheus */
export function installPrometheusAdapter(room: Room, part: PrometheusAdapter, prometheus: string, after: readonly pulumi.Resource[]): void {
  const namespace = room.namespace(part.namespace);
  const values = prometheusAdapterValues(part, prometheus);
  room.release("prometheusAdapter", { name: "prometheus-adapter", namespace, values, version: part.version }, after);
}

import { memoryUsed } from "./alerts";
import { CHOSEN, WINDOW, type Panel } from "./dashboard";
import { oneOf, type Watched } from "./system";

/** Panels that several systems share. */

export const firing = ({ prefix }: Pick<Watched, "prefix">): Panel => ({
  title: "Alerts that fire",
  description: "Each has its page in the runbook.",
  kind: "stat",
  unit: "short",
  queries: [{ expr: `sum(ALERTS{alertname=~"${prefix}.+", alertstate="firing", ${CHOSEN}}) or vector(0)`, legend: "firing" }],
});

export function pods({ names }: Watched): Panel {
  const of = `${oneOf("deployment", names)}, ${CHOSEN}`;
  return {
    title: "Pods",
    description: "Available, beside how many are wanted.",
    kind: "timeseries",
    unit: "short",
    queries: [
      { expr: `kube_deployment_status_replicas_available{${of}}`, legend: "{{namespace}} {{deployment}} available" },
      { expr: `kube_deployment_spec_replicas{${of}}`, legend: "{{namespace}} {{deployment}} wanted" },
    ],
  };
}

export const available = ({ names, what }: Watched): Panel => ({
  title: "Available pods",
  description: `Pods of ${what} that serve, of those that are wanted.`,
  kind: "stat",
  unit: "percentunit",
  queries: [
    {
      expr: ["kube_deployment_status_replicas_available", "kube_deployment_spec_replicas"]
        .map((metric) => `sum(${metric}{${oneOf("deployment", names)}, ${CHOSEN}})`)
        .join(" / "),
      legend: "available",
    },
  ],
});

export function autoscalers({ names }: Watched): Panel {
  const of = `${oneOf("horizontalpodautoscaler", names)}, ${CHOSEN}`;
  return {
    title: "Autoscalers",
    description: "Pods as they are, and the most that there may be.",
    kind: "timeseries",
    unit: "short",
    queries: [
      { expr: `kube_horizontalpodautoscaler_status_current_replicas{${of}}`, legend: "{{namespace}} {{horizontalpodautoscaler}}" },
      { expr: `kube_horizontalpodautoscaler_spec_max_replicas{${of}}`, legend: "{{namespace}} {{horizontalpodautoscaler}} maximum" },
    ],
  };
}

export const restarts = ({ containers }: Watched): Panel => ({
  title: "Restarts",
  description: "Of each container, within the last quarter of an hour.",
  kind: "timeseries",
  unit: "short",
  queries: [
    {
      expr: `increase(kube_pod_container_status_restarts_total{${containers}, ${CHOSEN}}[15m]) > 0`,
      legend: "{{namespace}} {{pod}} {{container}}",
    },
  ],
});

export const cpu = ({ containers }: Watched): Panel => ({
  title: "CPU",
  description: "Cores that each pod uses.",
  kind: "timeseries",
  unit: "cores",
  queries: [
    {
      expr: `sum by (namespace, pod) (rate(container_cpu_usage_seconds_total{${containers}, ${CHOSEN}}[${WINDOW}]))`,
      legend: "{{namespace}} {{pod}}",
    },
  ],
});

export const memory = ({ containers }: Watched): Panel => ({
  title: "Memory of its limit",
  description: "At 100 % a container is killed.",
  kind: "timeseries",
  unit: "percentunit",
  queries: [{ expr: memoryUsed(`${containers}, ${CHOSEN}`), legend: "{{namespace}} {{pod}} {{container}}" }],
});

/** @param podNames pattern of the pods' names: a pod's network has no container */
export const network = (podNames: string): Panel => ({
  title: "Network",
  description: "Bytes a second, in and out.",
  kind: "timeseries",
  unit: "Bps",
  queries: (["receive", "transmit"] as const).map((way) => ({
    expr: `sum by (namespace) (rate(container_network_${way}_bytes_total{pod=~"${podNames}", ${CHOSEN}}[${WINDOW}]))`,
    legend: `{{namespace}} ${way}`,
  })),
});

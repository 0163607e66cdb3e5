import * as alerts from "./alerts";
import { CHOSEN, WINDOW, type Panel } from "./dashboard";
import * as panels from "./panels";
import type { System, Watched } from "./system";

const PODS: Watched = { prefix: "Dotdo", what: "dotdo", names: ["dotdo"], containers: 'container="dotdo"' };

/** What dotdo's contract has it say of itself; an image without such metrics leaves them empty, and no alert stands on them. */
const OWN: readonly Panel[] = [
  {
    title: "Active instances",
    description: "Durable Objects in memory, by pod: dotdo_active_instances.",
    kind: "timeseries",
    unit: "short",
    queries: [{ expr: `sum by (namespace, pod) (dotdo_active_instances{${CHOSEN}})`, legend: "{{namespace}} {{pod}}" }],
  },
  {
    title: "Requests",
    description: "Requests a second, by pod: the rate of dotdo_requests_total.",
    kind: "timeseries",
    unit: "reqps",
    queries: [{ expr: `sum by (namespace, pod) (rate(dotdo_requests_total{${CHOSEN}}[${WINDOW}]))`, legend: "{{namespace}} {{pod}}" }],
  },
];

export const dotdo: System = {
  name: "dotdo",
  title: "dotdo",
  foundBy: 'kube_deployment_created{deployment="dotdo"}',
  alerts: [
    alerts.unavailable(PODS),
    alerts.podsMissing(PODS),
    alerts.rolloutStuck(PODS),
    alerts.crashLooping(PODS),
    alerts.memoryNearLimit(PODS),
    alerts.autoscalerAtMaximum(PODS),
    alerts.autoscalerBlind(PODS),
  ],
  panels: [
    panels.available(PODS),
    panels.firing(PODS),
    panels.pods(PODS),
    panels.autoscalers(PODS),
    ...OWN,
    panels.cpu(PODS),
    panels.memory(PODS),
    panels.restarts(PODS),
    panels.network("dotdo-[a-z0-9]+-[a-z0-9]+"),
  ],
};

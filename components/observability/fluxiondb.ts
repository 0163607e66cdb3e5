import * as alerts from "./alerts";
import { CHOSEN, type Panel } from "./dashboard";
import * as panels from "./panels";
import type { Alert, System, Watched } from "./system";

/** Every tenant's, those of the tenants' service included: each has the same names in a namespace of its own. */
const DATABASES: Watched = { prefix: "FluxionDb", what: "FluxionDB", names: ["fluxiondb"], containers: 'container="fluxiondb"' };
const OF = 'statefulset="fluxiondb"';
const ON = "on (namespace, statefulset)";

/** A tenant that is suspended asks for no pod, and raises none. */
const down: Alert = {
  name: "FluxionDbDown",
  expr: `kube_statefulset_status_replicas_ready{${OF}} < ${ON} kube_statefulset_replicas{${OF}}`,
  for: "5m",
  severity: "critical",
  summary: "The database of {{ $labels.namespace }} is down",
  description:
    "The one pod of FluxionDB in namespace {{ $labels.namespace }} has not been ready for five minutes: its tenant is not served.",
};

const noPod: Alert = {
  name: "FluxionDbNoPod",
  expr: `kube_statefulset_status_replicas{${OF}} < ${ON} kube_statefulset_replicas{${OF}}`,
  for: "5m",
  severity: "warning",
  summary: "The database of {{ $labels.namespace }} gets no pod",
  description:
    "FluxionDB in namespace {{ $labels.namespace }} asks for a pod, and none could be made for five minutes: quota or admission refuses it.",
};

const outOfMemory: Alert = {
  name: "FluxionDbOutOfMemory",
  expr: [
    `kube_pod_container_status_last_terminated_reason{${DATABASES.containers}, reason="OOMKilled"} == 1`,
    `increase(kube_pod_container_status_restarts_total{${DATABASES.containers}}[30m]) > 0`,
  ].join(" and on (namespace, pod, container) "),
  for: "0m",
  severity: "critical",
  summary: "The database of {{ $labels.namespace }} ran out of memory",
  description:
    "FluxionDB in namespace {{ $labels.namespace }} was killed for want of memory: what was not flushed is lost, and its data may no longer fit.",
};

const ready: Panel = {
  title: "Ready databases",
  description: "Databases whose pod is ready, of those that are not suspended.",
  kind: "stat",
  unit: "percentunit",
  queries: [
    {
      expr: ["kube_statefulset_status_replicas_ready", "kube_statefulset_replicas"]
        .map((metric) => `sum(${metric}{${OF}, ${CHOSEN}})`)
        .join(" / "),
      legend: "ready",
    },
  ],
};

const tenants: Panel = {
  title: "Tenants",
  description: "Databases, and how many of them are suspended.",
  kind: "stat",
  unit: "short",
  queries: [
    { expr: `count(kube_statefulset_replicas{${OF}, ${CHOSEN}})`, legend: "tenants" },
    { expr: `count(kube_statefulset_replicas{${OF}, ${CHOSEN}} == 0) or vector(0)`, legend: "suspended" },
  ],
};

const volumes: Panel = {
  title: "Volumes",
  description: "How full each tenant's volume is.",
  kind: "timeseries",
  unit: "percentunit",
  queries: [{ expr: alerts.volumeUsed(`persistentvolumeclaim="fluxiondb", ${CHOSEN}`), legend: "{{namespace}}" }],
};

export const fluxiondb: System = {
  name: "fluxiondb",
  title: "FluxionDB",
  foundBy: `kube_statefulset_created{${OF}}`,
  alerts: [
    down,
    noPod,
    outOfMemory,
    alerts.crashLooping(DATABASES),
    alerts.memoryNearLimit(DATABASES),
    alerts.volumeFilling("FluxionDb", "fluxiondb", "critical", "when it is full, the database loses what it flushes"),
  ],
  panels: [
    ready,
    tenants,
    panels.firing(DATABASES),
    panels.memory(DATABASES),
    volumes,
    panels.cpu(DATABASES),
    panels.restarts(DATABASES),
    panels.network("fluxiondb-0"),
  ],
};

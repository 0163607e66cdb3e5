import * as alerts from "./alerts";
import { CHOSEN, type Panel } from "./dashboard";
import * as panels from "./panels";
import type { System, Watched } from "./system";

const PARTS = ["eth-mock", "update-service", "pir-server", "cdn-mock", "rabby-wallet"];

const SERVICES: Watched = {
  prefix: "Plinko",
  what: "a part of Plinko",
  names: PARTS.map((part) => `plinko-${part}`),
  containers: `container=~"${PARTS.join("|")}"`,
};
const DATA = "plinko-data.*";
const JOBS = "plinko-(db|hint)-generator-.+";

const jobs: Panel = {
  title: "Jobs of the data",
  description: "Generators that run, and those that failed.",
  kind: "stat",
  unit: "short",
  queries: [
    { expr: `sum(kube_job_status_active{job_name=~"${JOBS}", ${CHOSEN}}) or vector(0)`, legend: "running" },
    { expr: `sum(kube_job_failed{job_name=~"${JOBS}", condition="true", ${CHOSEN}}) or vector(0)`, legend: "failed" },
  ],
};

const volume: Panel = {
  title: "Volume of the data",
  description: "How full it is: several generations lie on it while data are made anew.",
  kind: "timeseries",
  unit: "percentunit",
  queries: [{ expr: alerts.volumeUsed(`persistentvolumeclaim=~"${DATA}", ${CHOSEN}`), legend: "{{namespace}} {{persistentvolumeclaim}}" }],
};

export const plinko: System = {
  name: "plinko",
  title: "Plinko PIR",
  foundBy: 'kube_deployment_created{deployment="plinko-pir-server"}',
  alerts: [
    alerts.unavailable(SERVICES),
    alerts.podsMissing(SERVICES),
    alerts.rolloutStuck(SERVICES),
    alerts.crashLooping(SERVICES),
    alerts.memoryNearLimit(SERVICES),
    alerts.autoscalerAtMaximum(SERVICES),
    alerts.autoscalerBlind(SERVICES),
    alerts.jobFailed("Plinko", "Job", JOBS, "the data of this generation are not made, and the services stay with what they have"),
    alerts.volumeFilling("Plinko", DATA, "warning", "the next generation finds no room"),
  ],
  panels: [
    panels.available(SERVICES),
    jobs,
    panels.firing(SERVICES),
    panels.pods(SERVICES),
    panels.autoscalers(SERVICES),
    volume,
    panels.cpu(SERVICES),
    panels.memory(SERVICES),
    panels.restarts(SERVICES),
    panels.network("plinko-.+"),
  ],
};

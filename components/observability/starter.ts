import * as alerts from "./alerts";
import { CHOSEN, type Panel } from "./dashboard";
import * as panels from "./panels";
import type { System, Watched } from "./system";

/** Its containers are called `api`, `web` and `worker`, as those of many are: they are found by their pods. */
const PODS = "starter-(api|web|worker)-.+";

const COMPONENTS: Watched = {
  prefix: "Starter",
  what: "a component of the starter",
  names: ["starter-api", "starter-web", "starter-worker"],
  containers: `pod=~"${PODS}", container=~"api|web|worker"`,
};
const MIGRATIONS = "starter-migrate-.+";

const migrations: Panel = {
  title: "Migrations",
  description: "The Job of this release: done, running, or failed.",
  kind: "stat",
  unit: "short",
  queries: [
    { expr: `sum(kube_job_status_succeeded{job_name=~"${MIGRATIONS}", ${CHOSEN}}) or vector(0)`, legend: "done" },
    { expr: `sum(kube_job_status_active{job_name=~"${MIGRATIONS}", ${CHOSEN}}) or vector(0)`, legend: "running" },
    { expr: `sum(kube_job_failed{job_name=~"${MIGRATIONS}", condition="true", ${CHOSEN}}) or vector(0)`, legend: "failed" },
  ],
};

export const starter: System = {
  name: "starter",
  title: "SaaS starter",
  foundBy: 'kube_deployment_created{deployment="starter-web"}',
  alerts: [
    alerts.unavailable(COMPONENTS),
    alerts.podsMissing(COMPONENTS),
    alerts.rolloutStuck(COMPONENTS),
    alerts.crashLooping(COMPONENTS),
    alerts.memoryNearLimit(COMPONENTS),
    alerts.autoscalerAtMaximum(COMPONENTS),
    alerts.autoscalerBlind(COMPONENTS),
    alerts.jobFailed("Starter", "Migration", MIGRATIONS, "the release has not begun, and the pods before serve on"),
  ],
  panels: [
    panels.available(COMPONENTS),
    migrations,
    panels.firing(COMPONENTS),
    panels.pods(COMPONENTS),
    panels.autoscalers(COMPONENTS),
    panels.cpu(COMPONENTS),
    panels.memory(COMPONENTS),
    panels.restarts(COMPONENTS),
    panels.network(PODS),
  ],
};

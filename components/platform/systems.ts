import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Transform } from "../kubernetes/child";
import { dashboardMapOf, prometheusRuleOf, SYSTEMS, type SystemName } from "../observability";
import type { Prometheus } from "./monitoring-options";
import { LABELS, type Room } from "./room";

type Each<Of extends (...args: never[]) => unknown> = Readonly<Partial<Record<SystemName, Transform<ReturnType<Of>>>>>;

/** The last word on the alerts and the dashboard of each system. */
export interface SystemsTransform {
  readonly alerts?: Each<typeof prometheusRuleOf>;
  readonly dashboards?: Each<typeof dashboardMapOf>;
}

/**
 * Has Prometheus watch the systems, and Grafana show them, in whatever namespaces of the cluster they are or will be. The platform does it
 * and not the systems' own stacks: it has the operator, and what the rules look at is there once a cluster.
 *
 * @param after what brings the CRD of PrometheusRules
 */
export function watchSystems(room: Room, part: Prometheus, after: readonly pulumi.Resource[], transform: SystemsTransform): void {
  const { existing, systems, serviceMonitorLabels, runbooks, grafana } = part;
  const place = { namespace: existing ? part.namespace : room.namespace(part.namespace, { holdsData: true }), labels: LABELS };
  for (const name of new Set(systems)) {
    const rule = prometheusRuleOf(SYSTEMS[name], place, serviceMonitorLabels, runbooks);
    room.child(k8s.apiextensions.CustomResource, `${name}-alerts`, rule, transform.alerts?.[name], { dependsOn: [...after] });
    if (grafana) room.child(k8s.core.v1.ConfigMap, `${name}-dashboard`, dashboardMapOf(SYSTEMS[name], place), transform.dashboards?.[name]);
  }
}

import type * as k8s from "@pulumi/kubernetes";
import type { Metadata } from "../kubernetes/metadata";
import { DASHBOARD_LABELS, dashboardOf } from "./dashboard";
import { dotdo } from "./dotdo";
import { fluxiondb } from "./fluxiondb";
import { plinko } from "./plinko";
import { starter } from "./starter";
import type { Alert, System } from "./system";

export type { Alert, System };

/** What is watched of each system, as plain values: nothing here is deployed. */
export const SYSTEMS = { dotdo, fluxiondb, plinko, starter } as const satisfies Readonly<Record<string, System>>;
export type SystemName = keyof typeof SYSTEMS;

/** Page of a system's runbook, and the anchor of one alert on it, as Markdown makes it of the heading. */
export const runbookOf = ({ name }: Pick<System, "name">, alert: Pick<Alert, "name">): string => `${name}.md#${alert.name.toLowerCase()}`;

/** @param runbooks address of the folder of the runbooks */
const ruleOf = (system: System, alert: Alert, runbooks: string) => ({
  alert: alert.name,
  expr: alert.expr,
  for: alert.for,
  labels: { severity: alert.severity, system: system.name },
  annotations: {
    summary: `${alert.summary}.`,
    description: alert.description,
    runbook_url: `${runbooks.replace(/\/$/, "")}/${runbookOf(system, alert)}`,
  },
});

/** Rules of one system, as Prometheus reads them from a file. */
export const rulesOf = (system: System, runbooks: string) => ({
  groups: [{ name: `stackyard-${system.name}`, rules: system.alerts.map((alert) => ruleOf(system, alert, runbooks)) }],
});

type Place = Pick<Metadata, "namespace" | "labels">;
const metadataOf = ({ name }: System, { namespace, labels }: Place, further: Readonly<Record<string, string>>) => ({
  name: `stackyard-${name}`,
  namespace,
  labels: { ...further, ...labels },
});

/**
 * A PrometheusRule of the Prometheus operator.
 *
 * @param further labels without which a Prometheus passes it over
 */
export const prometheusRuleOf = (system: System, place: Place, further: Readonly<Record<string, string>>, runbooks: string) => ({
  apiVersion: "monitoring.coreos.com/v1",
  kind: "PrometheusRule",
  metadata: metadataOf(system, place, further),
  spec: rulesOf(system, runbooks),
});

/** A dashboard, as Grafana's sidecar takes it from a ConfigMap. Its name stays: what Grafana has of it is changed in place. */
export const dashboardMapOf = (system: System, place: Place) =>
  ({
    metadata: metadataOf(system, place, DASHBOARD_LABELS),
    data: {
      [`stackyard-${system.name}.json`]: JSON.stringify(
        dashboardOf(system.name, system.title, system.foundBy, system.panels),
        undefined,
        2,
      ),
    },
  }) satisfies k8s.core.v1.ConfigMapArgs;

import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { secretOf } from "../kubernetes/secrets";
import { alertmanagerOf, alertSecrets, type AlertmanagerConfig } from "./alerts";
import type { Loki, MetricsServer, Prometheus } from "./monitoring-options";
import { LABELS, type Room } from "./room";

/** Value of `storageSpec` and the like: the claim that a chart makes for each pod. */
interface Claim {
  readonly accessModes: readonly string[];
  readonly storageClassName?: string;
  readonly resources: { readonly requests: { readonly storage: string } };
}

interface DataSource {
  readonly name: string;
  readonly type: string;
  readonly url: string;
  readonly access: string;
}

/** Values of the chart (charts/kube-prometheus-stack/values.yaml of prometheus-community/helm-charts). */
interface PrometheusValues {
  readonly fullnameOverride: string;
  readonly prometheus: {
    readonly prometheusSpec: {
      readonly replicas: number;
      readonly retention: string;
      readonly storageSpec: { readonly volumeClaimTemplate: { readonly spec: Claim } };
      readonly serviceMonitorSelectorNilUsesHelmValues: boolean;
      readonly podMonitorSelectorNilUsesHelmValues: boolean;
      readonly ruleSelectorNilUsesHelmValues: boolean;
      readonly probeSelectorNilUsesHelmValues: boolean;
      readonly scrapeConfigSelectorNilUsesHelmValues: boolean;
    };
  };
  readonly alertmanager: {
    readonly enabled: boolean;
    readonly config?: pulumi.Input<AlertmanagerConfig>;
    readonly alertmanagerSpec?: { readonly secrets: readonly pulumi.Input<string>[] };
  };
  readonly grafana: {
    readonly enabled: boolean;
    readonly fullnameOverride: string;
    readonly admin: { readonly existingSecret: pulumi.Input<string>; readonly userKey: string; readonly passwordKey: string };
    readonly initChownData: { readonly enabled: boolean };
    readonly additionalDataSources: readonly DataSource[];
  };
  readonly nodeExporter: { readonly enabled: boolean };
  readonly "prometheus-node-exporter": { readonly namespaceOverride: pulumi.Input<string> };
  readonly kubeControllerManager: { readonly enabled: boolean };
  readonly kubeScheduler: { readonly enabled: boolean };
  readonly kubeEtcd: { readonly enabled: boolean };
  readonly kubeProxy: { readonly enabled: boolean };
}

/** A managed control plane answers no scrape, and each such target would fire an alert for ever. */
const HIDDEN = { enabled: false } as const;

interface Seen {
  /** Secret with Grafana's login. */
  readonly login: pulumi.Input<string>;
  /** Namespace of the node exporter. */
  readonly nodeExporter: pulumi.Input<string>;
  /** Secret with the credentials of the receivers of alerts, where there are any. */
  readonly receivers?: pulumi.Input<string>;
  /** Address of Loki, where there is one. */
  readonly loki?: string;
}

/** @param secret Secret with the credentials of the receivers */
function alertmanagerValues(alertmanager: Prometheus["alertmanager"], secret?: pulumi.Input<string>): PrometheusValues["alertmanager"] {
  if (typeof alertmanager === "boolean") return { enabled: alertmanager };
  const config = pulumi.output(secret ?? "").apply((name) => alertmanagerOf(alertmanager, name));
  return { enabled: true, config, alertmanagerSpec: { secrets: secret === undefined ? [] : [secret] } };
}

export const prometheusValues = (options: Prometheus, { login, nodeExporter, receivers, loki }: Seen): PrometheusValues => ({
  fullnameOverride: "kube-prometheus",
  prometheus: {
    prometheusSpec: {
      replicas: options.replicas,
      retention: options.retention,
      storageSpec: {
        volumeClaimTemplate: {
          spec: {
            accessModes: ["ReadWriteOnce"],
            storageClassName: options.storage.storageClass,
            resources: { requests: { storage: options.storage.size } },
          },
        },
      },
      // whatever namespace and label they have, monitors and rules are taken
      serviceMonitorSelectorNilUsesHelmValues: false,
      podMonitorSelectorNilUsesHelmValues: false,
      ruleSelectorNilUsesHelmValues: false,
      probeSelectorNilUsesHelmValues: false,
      scrapeConfigSelectorNilUsesHelmValues: false,
    },
  },
  alertmanager: alertmanagerValues(options.alertmanager, receivers),
  grafana: {
    enabled: options.grafana,
    fullnameOverride: "grafana",
    admin: { existingSecret: login, userKey: "user", passwordKey: "password" },
    initChownData: { enabled: false }, // runs as root
    additionalDataSources: loki === undefined ? [] : [{ name: "Loki", type: "loki", url: loki, access: "proxy" }],
  },
  nodeExporter: { enabled: options.nodeExporter.enabled },
  "prometheus-node-exporter": { namespaceOverride: nodeExporter },
  kubeControllerManager: HIDDEN,
  kubeScheduler: HIDDEN,
  kubeEtcd: HIDDEN,
  kubeProxy: HIDDEN,
});

/** Address of Prometheus inside the cluster; its operator makes a Service of that name for any Prometheus. */
export const prometheusUrlOf = ({ url, namespace }: Prometheus): string => url ?? `http://prometheus-operated.${namespace}.svc:9090`;

/** Address of Loki inside the cluster. */
export const lokiUrlOf = ({ url, namespace }: Loki): string => url ?? `http://loki.${namespace}.svc:3100`;

export interface GrafanaUse {
  readonly url: string;
  /** Secret of the namespace that has `user` and `password`. */
  readonly secret: pulumi.Output<string>;
}

export interface Installed {
  readonly release: k8s.helm.v3.Release;
  readonly grafana?: GrafanaUse;
}

/** Installs the Prometheus operator with a Prometheus. Its CRDs come with it, so that whoever makes a ServiceMonitor waits for it. */
export function installPrometheus(room: Room, part: Prometheus): Installed {
  const { loki } = room.plan.options;
  const namespace = room.namespace(part.namespace, { holdsData: true });
  // host network, host processes and host paths are what the node exporter is for
  const nodeExporter = part.nodeExporter.enabled ? room.namespace(part.nodeExporter.namespace, { podSecurity: "privileged" }) : namespace;
  const password = room.child(random.RandomPassword, "grafana-password", { length: 40, special: false });
  const data = { user: "admin", password: password.result };
  const login = room.child(k8s.core.v1.Secret, "grafana-login", secretOf({ namespace, labels: LABELS }, data)).metadata.name;
  const { alertmanager } = part;
  const receivers = typeof alertmanager === "boolean" ? undefined : room.secret("alert-receivers", namespace, alertSecrets(alertmanager));
  const seen = { login, nodeExporter, receivers: receivers?.metadata.name, loki: loki && lokiUrlOf(loki) };
  const values = prometheusValues(part, seen);
  const release = room.release("prometheus", { name: "kube-prometheus", namespace, values, version: part.version });
  return { release, grafana: part.grafana ? { url: `http://grafana.${part.namespace}.svc:80`, secret: login } : undefined };
}

/** Values of the chart (charts/metrics-server/values.yaml of kubernetes-sigs/metrics-server). */
interface MetricsServerValues {
  readonly replicas: number;
  readonly podDisruptionBudget: { readonly enabled: boolean; readonly minAvailable?: number };
  readonly args: readonly string[];
  readonly metrics: { readonly enabled: boolean };
  readonly serviceMonitor: { readonly enabled: boolean };
}

export const metricsServerValues = ({ replicas, kubeletInsecureTls }: MetricsServer, monitored: boolean): MetricsServerValues => ({
  replicas,
  podDisruptionBudget: replicas > 1 ? { enabled: true, minAvailable: 1 } : { enabled: false },
  args: kubeletInsecureTls ? ["--kubelet-insecure-tls"] : [],
  metrics: { enabled: monitored },
  serviceMonitor: { enabled: monitored },
});

export function installMetricsServer(room: Room, part: MetricsServer, after: readonly pulumi.Resource[]): void {
  const values = metricsServerValues(part, room.plan.options.prometheus !== undefined);
  const namespace = room.namespace(part.namespace);
  room.release("metricsServer", { name: "metrics-server", namespace, values, version: part.version }, after);
}

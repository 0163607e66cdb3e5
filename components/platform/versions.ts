/** A chart and where its makers publish it. */
export interface Chart {
  readonly chart: string;
  /** `https://…`, or `oci://…` in front of the chart's name. */
  readonly repository: string;
  /** Full version, as the repository spells it. */
  readonly version: string;
}

/**
 * Every chart that the platform installs. Renovate reads this file (`renovate.json`): a chart is three fields in this order, a line each.
 *
 * The charts that play these on the sandbox (`sandbox/charts`) have the same versions.
 */
export const CHARTS = {
  certManager: {
    chart: "cert-manager",
    repository: "https://charts.jetstack.io",
    version: "v1.21.2",
  },
  trustManager: {
    chart: "trust-manager",
    repository: "https://charts.jetstack.io",
    version: "v0.25.0",
  },
  envoyGateway: {
    chart: "gateway-helm",
    repository: "oci://docker.io/envoyproxy",
    version: "v1.9.1",
  },
  externalSecrets: {
    chart: "external-secrets",
    repository: "https://charts.external-secrets.io",
    version: "2.10.0",
  },
  prometheus: {
    chart: "kube-prometheus-stack",
    repository: "https://prometheus-community.github.io/helm-charts",
    version: "88.6.2",
  },
  prometheusAdapter: {
    chart: "prometheus-adapter",
    repository: "https://prometheus-community.github.io/helm-charts",
    version: "5.2.0",
  },
  loki: {
    chart: "loki",
    repository: "https://grafana-community.github.io/helm-charts",
    version: "6.56.1",
  },
  alloy: {
    chart: "alloy",
    repository: "https://grafana.github.io/helm-charts",
    version: "1.14.1",
  },
  metricsServer: {
    chart: "metrics-server",
    repository: "https://kubernetes-sigs.github.io/metrics-server",
    version: "3.14.0",
  },
  linkerdCrds: {
    chart: "linkerd-crds",
    repository: "https://helm.linkerd.io/edge",
    version: "2026.8.4",
  },
  linkerd: {
    chart: "linkerd-control-plane",
    repository: "https://helm.linkerd.io/edge",
    version: "2026.8.4",
  },
  linkerdCni: {
    chart: "linkerd2-cni",
    repository: "https://helm.linkerd.io/edge",
    version: "2026.8.4",
  },
  snapshotController: {
    chart: "snapshot-controller",
    repository: "https://piraeus.io/helm-charts",
    version: "5.0.4",
  },
  velero: {
    chart: "velero",
    repository: "https://vmware-tanzu.github.io/helm-charts",
    version: "12.2.1",
  },
} as const satisfies Readonly<Record<string, Chart>>;

export type ChartName = keyof typeof CHARTS;

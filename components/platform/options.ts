import * as z from "zod";
import { Admission } from "./admission-options";
import { CertManager } from "./certificate-options";
import { Deployers, Previewers } from "./deployer-options";
import { Edge } from "./edge-options";
import { Linkerd } from "./mesh-options";
import { Loki, MetricsServer, Prometheus, PrometheusAdapter } from "./monitoring-options";
import { ExternalSecrets } from "./secret-store-options";
import { SnapshotController, StorageClasses } from "./storage-options";
import { Velero } from "./velero-options";

/**
 * The options of the platform. A part that is left out is not on the cluster; one that is there already says `existing: true`.
 * docs/systems/platform.md lists every option.
 */

const ChartRepository = z
  .string({ error: "is no address of a repository" })
  .regex(/^(https?|oci):\/\/[^\s/]+(\/[^\s/]+)*$/, {
    error: ({ input }) =>
      `${JSON.stringify(input)} is no address of a chart repository: write it like https://charts.example.com or oci://registry.example.com/charts, without / at the end`,
  })
  .meta({ description: "A repository that has all charts, such as a mirror. Default: the makers' own." });

const PlatformShape = z.strictObject({
  chartRepository: ChartRepository.optional(),
  certManager: CertManager.optional(),
  edge: Edge.optional(),
  externalSecrets: ExternalSecrets.optional(),
  prometheus: Prometheus.optional(),
  prometheusAdapter: PrometheusAdapter.optional(),
  loki: Loki.optional(),
  metricsServer: MetricsServer.optional(),
  linkerd: Linkerd.optional(),
  snapshotController: SnapshotController.optional(),
  storageClasses: StorageClasses,
  velero: Velero.optional(),
  admission: Admission.optional(),
  deployers: Deployers.optional(),
  previewers: Previewers.optional(),
});

export const PlatformOptions = PlatformShape.superRefine((options, context) => {
  const { certManager, edge, prometheus, prometheusAdapter, linkerd, snapshotController, velero } = options;
  const wrong = (path: string[], message: string) => context.addIssue({ code: "custom", path, message });

  for (const [name, { http01 }] of Object.entries(certManager?.issuers ?? {})) {
    if (!http01 || edge !== undefined) continue;
    wrong(
      ["certManager", "issuers", name, "http01"],
      "goes through the edge, and there is none: set it to false and add dns01, or write edge",
    );
  }
  const issuer = edge?.gateway?.clusterIssuer;
  const issuers = [...Object.keys(certManager?.issuers ?? {}), ...(certManager?.existingIssuers ?? [])];
  if (issuer !== undefined && !issuers.includes(issuer)) {
    const known = issuers.length > 0 ? `it has ${issuers.join(", ")}` : "it has none";
    wrong(["edge", "gateway", "clusterIssuer"], `"${issuer}" is no issuer of certManager (${known}): add it to issuers or existingIssuers`);
  }
  if (linkerd && !linkerd.existing && certManager === undefined) {
    wrong(["certManager"], "is missing: Linkerd's certificates are made by it; write `certManager: {}`, or with `existing: true`");
  }
  if (prometheusAdapter && !prometheusAdapter.existing && prometheus === undefined) {
    wrong(["prometheus"], "is missing: prometheusAdapter reads from it; write `prometheus: {}`, or with `existing: true`");
  }
  if (velero?.snapshots && !velero.existing && snapshotController === undefined) {
    wrong(
      ["snapshotController"],
      "is missing: Velero's snapshots are made by it; write `snapshotController: {}`, or with `existing: true`",
    );
  }
  if (linkerd?.namespace !== undefined && linkerd.namespace === linkerd.cni.namespace) {
    wrong(["linkerd", "cni", "namespace"], "is Linkerd's own: the plugin is privileged, so it has a namespace of its own");
  }
});

/** Parts that are a chart of their makers. */
const PARTS = [
  ...[["certManager"], ["edge", "gateway"], ["externalSecrets"], ["prometheus"], ["prometheusAdapter"], ["loki"], ["metricsServer"]],
  ...[["linkerd"], ["snapshotController"], ["velero"]],
] as const;

/** The parts that a section installs, by their paths; the section need not be checked yet. */
export const installedParts = (section: unknown): string[] =>
  PARTS.filter((path) => {
    const part = path.reduce<unknown>((at, step) => (at as Readonly<Record<string, unknown>> | undefined)?.[step], section);
    return typeof part === "object" && part !== null && (part as { readonly existing?: unknown }).existing !== true;
  }).map((path) => path.join("."));

/** Options as they are written: what has a default may be left out. */
export type PlatformInput = z.input<typeof PlatformOptions>;
/** Options with every default filled in. */
export type PlatformPlan = z.output<typeof PlatformOptions>;

const solver = (provider: string) => ["certManager", "issuers", "*", "dns01", "*", provider, "secrets"];
const receiver = (kind: string) => ["prometheus", "alertmanager", "receivers", "*", kind, "secrets"];
const store = (provider: string) => ["externalSecrets", "store", provider, "secrets"];

/** Fields that name a secret: the map in which they are (`*` is every name), each with the end of a good name for it. */
export const SECRET_FIELDS: readonly { readonly under: readonly string[]; readonly fields: Readonly<Record<string, string>> }[] = [
  { under: solver("route53"), fields: { secretAccessKey: "secret-access-key" } },
  { under: solver("cloudDns"), fields: { serviceAccountKey: "service-account-key" } },
  { under: solver("azureDns"), fields: { clientSecret: "client-secret" } },
  { under: solver("cloudflare"), fields: { apiToken: "api-token" } },
  { under: store("aws"), fields: { accessKeyId: "aws-access-key-id", secretAccessKey: "aws-secret-access-key" } },
  { under: store("gcp"), fields: { serviceAccountKey: "gcp-service-account-key" } },
  { under: store("azure"), fields: { clientId: "azure-client-id", clientSecret: "azure-client-secret" } },
  { under: store("vault"), fields: { token: "vault-token" } },
  { under: ["loki", "s3", "secrets"], fields: { accessKeyId: "loki-access-key-id", secretAccessKey: "loki-secret-access-key" } },
  { under: ["velero", "s3", "secrets"], fields: { accessKeyId: "velero-access-key-id", secretAccessKey: "velero-secret-access-key" } },
  { under: ["velero", "secrets"], fields: { repositoryPassword: "velero-repository-password" } },
  { under: receiver("slack"), fields: { webhookUrl: "slack-webhook-url" } },
  { under: receiver("pagerDuty"), fields: { routingKey: "pagerduty-routing-key" } },
  { under: receiver("webhook"), fields: { url: "webhook-url" } },
  { under: receiver("email"), fields: { password: "smtp-password" } },
];

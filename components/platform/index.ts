import * as pulumi from "@pulumi/pulumi";
import { installAdmission, type AdmissionTransform } from "./admission";
import { installCertManager, type CertificatesTransform } from "./certificates";
import { installCollector } from "./collector";
import { installPrometheusAdapter, METRICS } from "./custom-metrics";
import { installRole, type DeployersTransform } from "./deployers";
import { installEnvoyGateway, shareGateway, type EdgeTransform, type GatewayUse } from "./edge";
import { installLoki } from "./logs";
import { installLinkerd } from "./mesh";
import { installMetricsServer, installPrometheus, lokiUrlOf, prometheusUrlOf, type GrafanaUse } from "./monitoring";
import { isInstalled, planOf, type PlatformSettings } from "./plan";
import { Room, type RoomTransform } from "./room";
import { installExternalSecrets, type StoreTransform } from "./secret-store";
import { installStorage, type StorageTransform } from "./storage";
import { watchSystems, type SystemsTransform } from "./systems";
import { backupsOf, installVelero, type BackupUse } from "./velero";

/** Options of the platform (components/platform/options.ts), the secrets that they name, and the last word on single children. */
export interface PlatformArgs extends PlatformSettings {
  readonly transform?: RoomTransform &
    CertificatesTransform &
    EdgeTransform &
    StoreTransform &
    StorageTransform &
    AdmissionTransform &
    SystemsTransform &
    DeployersTransform;
}

/** What others need of monitoring. */
export interface MonitoringUse {
  readonly prometheusUrl: string;
  /** Labels without which Prometheus passes ServiceMonitors over. */
  readonly serviceMonitorLabels: Readonly<Record<string, string>>;
  readonly grafana?: GrafanaUse;
}

/**
 * What the systems need of a cluster: certificates, the edge, a secret store, monitoring, a mesh, storage. Each part is a chart of its
 * makers, in a pinned version and a namespace of its own; a part that is left out is not installed, and one that is there is only named.
 */
export class Platform extends pulumi.ComponentResource {
  /** ClusterIssuers, those that were there included. */
  public readonly issuers: readonly string[];
  /** The shared Gateway; undefined without one. */
  public readonly gateway: GatewayUse | undefined;
  /** IngressClass and the namespace of its controller; undefined without one. */
  public readonly ingress: { readonly className: string; readonly namespace: string } | undefined;
  /** ClusterSecretStore; undefined without one. */
  public readonly secretStore: string | undefined;
  /** Prometheus and its operator; undefined where there is none, and no ServiceMonitor is wanted. */
  public readonly monitoring: MonitoringUse | undefined;
  /** Address of Loki; undefined without it. */
  public readonly lokiUrl: string | undefined;
  /** Whether autoscalers learn the CPU and memory of pods. */
  public readonly resourceMetrics: boolean;
  /** Metrics of pods, beside CPU and memory, that autoscalers can ask for. */
  public readonly customMetrics: readonly string[];
  /** Linkerd; undefined without it. */
  public readonly linkerd: { readonly namespace: string; readonly cni: boolean } | undefined;
  /** Storage classes that are named, and the default among them. */
  public readonly storageClasses: readonly string[];
  public readonly defaultStorageClass: string | undefined;
  public readonly snapshotClasses: readonly string[];
  /** Velero; undefined without it, and no backup is made. */
  public readonly backups: BackupUse | undefined;
  /** Namespaces that are kept when the platform is taken out: claims of charts are in them. */
  public readonly keptNamespaces: readonly pulumi.Output<string>[];

  /** @throws pulumi.InputPropertiesError that names every wrong argument, before anything is planned */
  constructor(name: string, args: PlatformArgs, opts?: pulumi.ComponentResourceOptions) {
    const { transform = {}, ...settings } = args;
    const plan = planOf(name, settings);
    super("stackyard:platform:Platform", name, shown(settings), opts);

    const { certManager, edge, externalSecrets, prometheus, prometheusAdapter, loki, metricsServer, linkerd, velero, ...rest } =
      plan.options;
    const room = new Room(this, name, plan, transform);

    const monitoring = isInstalled(prometheus) ? installPrometheus(room, prometheus) : undefined;
    const monitors = monitoring ? [monitoring.release] : [];
    if (prometheus) watchSystems(room, prometheus, monitors, transform);
    const gateway = edge?.gateway;
    const controller = isInstalled(gateway) ? [installEnvoyGateway(room, gateway)] : [];
    // it looks for Gateway API when it starts, and not again
    const certificates = certManager ? installCertManager(room, certManager, [...controller, ...monitors], transform) : [];

    this.gateway = gateway && shareGateway(room, gateway, [...controller, ...certificates], transform);
    if (externalSecrets) installExternalSecrets(room, externalSecrets, monitors, transform);
    const logs = isInstalled(loki) ? [installLoki(room, loki, monitors)] : [];
    if (loki && (loki.collector.enabled ?? !loki.existing)) installCollector(room, loki.collector, lokiUrlOf(loki), [...logs, ...monitors]);
    if (isInstalled(metricsServer)) installMetricsServer(room, metricsServer, monitors);
    if (isInstalled(prometheusAdapter) && prometheus)
      installPrometheusAdapter(room, prometheusAdapter, prometheusUrlOf(prometheus), monitors);
    if (isInstalled(linkerd)) installLinkerd(room, linkerd, certificates, [...controller, ...monitors]);
    const snapshots = installStorage(room, transform);
    if (rest.admission) installAdmission(room, rest.admission, transform);
    if (rest.deployers) installRole(room, "deployer", rest.deployers, transform);
    if (rest.previewers) installRole(room, "previewer", rest.previewers, transform);
    if (isInstalled(velero)) installVelero(room, velero, [...monitors, ...snapshots]);

    this.issuers = certManager ? [...Object.keys(certManager.issuers), ...certManager.existingIssuers] : [];
    this.ingress = edge?.ingress;
    this.secretStore = externalSecrets?.store?.name;
    this.monitoring = prometheus && {
      prometheusUrl: prometheusUrlOf(prometheus),
      serviceMonitorLabels: prometheus.serviceMonitorLabels,
      grafana: monitoring?.grafana,
    };
    this.lokiUrl = loki && lokiUrlOf(loki);
    this.resourceMetrics = metricsServer !== undefined;
    this.customMetrics = prometheusAdapter ? METRICS : [];
    this.linkerd = linkerd && { namespace: linkerd.namespace, cni: linkerd.cni.enabled };
    this.storageClasses = Object.keys(rest.storageClasses);
    this.defaultStorageClass = this.storageClasses.find((storageClass) => rest.storageClasses[storageClass]?.default);
    this.snapshotClasses = Object.keys(rest.snapshotController?.classes ?? {});
    this.backups = backupsOf(velero);
    this.keptNamespaces = room.kept;
    this.registerOutputs({
      issuers: this.issuers,
      gateway: this.gateway,
      secretStore: this.secretStore,
      storageClasses: this.storageClasses,
    });
  }
}

/** What preview shows, policies see and state keeps: no functions, and secrets only as such. */
const shown = ({ secretValues, ...settings }: PlatformSettings): pulumi.Inputs => ({
  ...settings,
  ...(secretValues && { secretValues: pulumi.secret(secretValues) }),
});

import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { secretOf } from "../kubernetes/secrets";
import { LABELS, type Room } from "./room";
import type { Velero } from "./velero-options";

/** Names of the provider, of the volume that plugins are copied to, and of the key in the Secret, as Velero's chart and plugin expect them. */
const PROVIDER = "aws";
const PLUGINS = "plugins";
const CREDENTIALS = "cloud";

/** All that `restricted` asks of a container, but its user. Velero keeps a cache in its home, so that its root file system can be written to. */
const UNPRIVILEGED = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
  seccompProfile: { type: "RuntimeDefault" },
} as const;

/** Alerts of Prometheus: the last backup of a schedule was not whole, or the store cannot be reached. */
const RULES = [
  {
    alert: "BackupFailed",
    expr: 'velero_backup_last_status{schedule!=""} != 1',
    for: "15m",
    labels: { severity: "warning" },
    annotations: { summary: "The last backup of schedule {{ $labels.schedule }} failed, or lacks a part." },
  },
  {
    alert: "BackupStoreUnavailable",
    expr: "velero_backup_location_status_gauge == 0",
    for: "15m",
    labels: { severity: "critical" },
    annotations: { summary: "Velero cannot reach its store {{ $labels.backup_location_name }}: no backup is made." },
  },
] as const;

/** Values of the chart (charts/velero/values.yaml and values.schema.json of vmware-tanzu/helm-charts, 12.2). */
interface Values {
  readonly initContainers: readonly {
    readonly name: string;
    readonly image: string;
    readonly securityContext: typeof UNPRIVILEGED;
    readonly volumeMounts: readonly { readonly mountPath: string; readonly name: string }[];
  }[];
  readonly containerSecurityContext: typeof UNPRIVILEGED;
  readonly configuration: {
    readonly features?: string;
    readonly backupStorageLocation: readonly {
      readonly name: string;
      readonly default: boolean;
      readonly provider: string;
      readonly bucket?: string;
      readonly prefix?: string;
      readonly config: Readonly<Record<string, string>>;
    }[];
    readonly volumeSnapshotLocation: readonly never[];
  };
  readonly credentials: { readonly useSecret: boolean; readonly existingSecret?: pulumi.Input<string> };
  readonly serviceAccount: { readonly server: { readonly annotations: Readonly<Record<string, string>> } };
  readonly snapshotsEnabled: boolean;
  readonly deployNodeAgent: boolean;
  readonly upgradeCRDs: boolean;
  readonly cleanUpCRDs: boolean;
  readonly metrics: {
    readonly serviceMonitor: { readonly enabled: boolean };
    readonly prometheusRule: { readonly enabled: boolean; readonly spec: typeof RULES };
  };
}

/** @param credentials Secret with the keys of the store; nothing where Velero has an identity of its own */
function veleroValues(
  { s3, pluginImage, nodeAgent, snapshots, serviceAccountAnnotations }: Velero,
  monitored: boolean,
  credentials?: pulumi.Input<string>,
): Values {
  const ofOthers: Record<string, string> = s3?.endpoint === undefined ? {} : { s3Url: s3.endpoint, s3ForcePathStyle: "true" };
  return {
    initContainers: [
      {
        name: "velero-plugin-for-aws",
        image: pluginImage,
        securityContext: UNPRIVILEGED,
        volumeMounts: [{ mountPath: "/target", name: PLUGINS }],
      },
    ],
    containerSecurityContext: UNPRIVILEGED,
    configuration: {
      ...(snapshots && { features: "EnableCSI" }),
      backupStorageLocation: [
        {
          name: "default",
          default: true,
          provider: PROVIDER,
          bucket: s3?.bucket,
          prefix: s3?.prefix,
          config: { region: s3?.region ?? "", ...ofOthers },
        },
      ],
      volumeSnapshotLocation: [],
    },
    credentials: credentials === undefined ? { useSecret: false } : { useSecret: true, existingSecret: credentials },
    serviceAccount: { server: { annotations: serviceAccountAnnotations } },
    // a VolumeSnapshotLocation is for snapshots without CSI
    snapshotsEnabled: false,
    deployNodeAgent: nodeAgent,
    // the chart would run a hook with leave to change every CRD, of an image that its makers no longer publish
    upgradeCRDs: false,
    // with its CRDs all Backups would go
    cleanUpCRDs: false,
    metrics: { serviceMonitor: { enabled: monitored }, prometheusRule: { enabled: monitored, spec: RULES } },
  };
}

/** The store's keys, as AWS's library reads them from a file. */
const credentialsOf = (accessKeyId: pulumi.Input<string>, secretAccessKey: pulumi.Input<string>): pulumi.Output<string> =>
  pulumi.interpolate`[default]\naws_access_key_id=${accessKeyId}\naws_secret_access_key=${secretAccessKey}\n`;

/** The Secret that Velero reads the password of its repositories from, under the name that it looks for; without it, it makes one itself. */
const passwordOf = (namespace: pulumi.Input<string>, password: pulumi.Input<string>) => {
  const { metadata, stringData } = secretOf({ namespace, labels: LABELS }, { "repository-password": password });
  return { metadata: { ...metadata, name: "velero-repo-credentials" }, stringData };
};

/** What systems that are backed up need to know. */
export interface BackupUse {
  /** Namespace of Velero, where schedules are. */
  readonly namespace: string;
  /** Whether it takes snapshots of volumes. */
  readonly snapshots: boolean;
}

export const backupsOf = (velero: Velero | undefined): BackupUse | undefined =>
  velero && { namespace: velero.namespace, snapshots: velero.snapshots };

/**
 * Installs Velero, in a namespace that stays when Velero is taken out: the Backups are in it, and what they stand for in the bucket.
 *
 * @param after what must be there before: the CRDs of ServiceMonitors and of snapshots
 */
export function installVelero(room: Room, part: Velero, after: readonly pulumi.Resource[]): void {
  // host paths are what the node agent is for, and Velero starts pods of the same kind beside it for each volume; without it, there is still
  // an image that calls its user by name, which `restricted` takes for root
  const namespace = room.namespace(part.namespace, { podSecurity: part.nodeAgent ? "privileged" : "baseline", holdsData: true });
  const { accessKeyId, secretAccessKey } = part.s3?.secrets ?? {};
  const { secretValue } = room.plan;
  const keys =
    accessKeyId !== undefined && secretAccessKey !== undefined
      ? { [CREDENTIALS]: credentialsOf(secretValue(accessKeyId), secretValue(secretAccessKey)) }
      : undefined;
  const { repositoryPassword } = part.secrets;
  const password =
    repositoryPassword === undefined
      ? []
      : [
          room.child(k8s.core.v1.Secret, "velero-password", passwordOf(namespace, secretValue(repositoryPassword)), undefined, {
            retainOnDelete: true,
          }),
        ];
  const secret = keys && room.child(k8s.core.v1.Secret, "velero-s3", secretOf({ namespace, labels: LABELS }, keys));
  const values = veleroValues(part, room.plan.options.prometheus !== undefined, secret?.metadata.name ?? part.existingSecret);
  room.release("velero", { name: "velero", namespace, values, version: part.version }, [...after, ...password]);
}

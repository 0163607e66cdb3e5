import type * as pulumi from "@pulumi/pulumi";
import type { Loki } from "./monitoring-options";
import type { Room } from "./room";

type Off = { readonly enabled: false };
const OFF: Off = { enabled: false };
const NONE = { replicas: 0 } as const;

type Storage =
  | { readonly type: "filesystem" }
  | {
      readonly type: "s3";
      readonly bucketNames: { readonly chunks: string; readonly ruler: string; readonly admin: string };
      readonly s3: { readonly region: string; readonly endpoint?: string; readonly insecure: boolean; readonly s3ForcePathStyle: boolean };
    };

/** Values of the chart (charts/loki/values.yaml of grafana-community/helm-charts, 6.56). */
interface Values {
  readonly deploymentMode: "SingleBinary";
  readonly loki: {
    readonly auth_enabled: boolean;
    readonly commonConfig: { readonly replication_factor: number };
    readonly schemaConfig: {
      readonly configs: readonly {
        readonly from: string;
        readonly store: string;
        readonly object_store: string;
        readonly schema: string;
        readonly index: { readonly prefix: string; readonly period: string };
      }[];
    };
    readonly storage: Storage;
    readonly limits_config: { readonly retention_period: string };
    readonly compactor: { readonly retention_enabled: boolean; readonly delete_request_store: string };
    readonly podSecurityContext: {
      readonly fsGroup: number;
      readonly runAsGroup: number;
      readonly runAsNonRoot: boolean;
      readonly runAsUser: number;
      readonly seccompProfile: { readonly type: string };
    };
  };
  readonly singleBinary: {
    readonly replicas: number;
    readonly persistence: { readonly enabled: boolean; readonly size: string; readonly storageClass?: string };
    readonly extraEnvFrom: readonly { readonly secretRef: { readonly name: pulumi.Input<string> } }[];
  };
  readonly read: typeof NONE;
  readonly write: typeof NONE;
  readonly backend: typeof NONE;
  readonly gateway: Off;
  readonly chunksCache: Off;
  readonly resultsCache: Off;
  readonly lokiCanary: Off;
  readonly test: Off;
  readonly sidecar: { readonly rules: Off };
  readonly monitoring: { readonly serviceMonitor: { readonly enabled: boolean } };
}

function storageOf({ s3 }: Loki): Storage {
  if (!s3) return { type: "filesystem" };
  const { bucket, region, endpoint } = s3;
  const insecure = endpoint?.startsWith("http://") ?? false;
  return {
    type: "s3",
    bucketNames: { chunks: bucket, ruler: bucket, admin: bucket },
    // stores that are not AWS have no host name a bucket
    s3: { region, endpoint: endpoint?.replace(/^https?:\/\//, ""), insecure, s3ForcePathStyle: endpoint !== undefined },
  };
}

/** @param keys Secret whose keys are the variables that AWS's library reads */
export function lokiValues(options: Loki, monitored: boolean, keys?: pulumi.Input<string>): Values {
  const storage = storageOf(options);
  return {
    deploymentMode: "SingleBinary",
    loki: {
      auth_enabled: false, // one tenant: the cluster
      commonConfig: { replication_factor: 1 },
      // a date in the past, and the same for ever: it says how what is stored since then is read
      schemaConfig: {
        configs: [
          { from: "2024-04-01", store: "tsdb", object_store: storage.type, schema: "v13", index: { prefix: "loki_index_", period: "24h" } },
        ],
      },
      storage,
      limits_config: { retention_period: `${options.retentionHours}h` },
      compactor: { retention_enabled: true, delete_request_store: storage.type },
      podSecurityContext: {
        fsGroup: 10001,
        runAsGroup: 10001,
        runAsNonRoot: true,
        runAsUser: 10001,
        seccompProfile: { type: "RuntimeDefault" },
      },
    },
    singleBinary: {
      replicas: 1,
      persistence: { enabled: true, size: options.storage.size, storageClass: options.storage.storageClass },
      extraEnvFrom: keys === undefined ? [] : [{ secretRef: { name: keys } }],
    },
    read: NONE,
    write: NONE,
    backend: NONE,
    gateway: OFF,
    chunksCache: OFF,
    resultsCache: OFF,
    lokiCanary: OFF,
    test: OFF,
    sidecar: { rules: OFF },
    monitoring: { serviceMonitor: { enabled: monitored } },
  };
}

export function installLoki(room: Room, part: Loki, after: readonly pulumi.Resource[]): pulumi.Resource {
  const namespace = room.namespace(part.namespace, { holdsData: true });
  const { accessKeyId, secretAccessKey } = part.s3?.secrets ?? {};
  const names = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
  const keys = room.secret("loki-s3", namespace, names)?.metadata.name;
  const values = lokiValues(part, room.plan.options.prometheus !== undefined, keys);
  return room.release("loki", { name: "loki", namespace, values, version: part.version }, after);
}

import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Transform } from "../kubernetes/child";
import { filled } from "../kubernetes/filled";
import { isInstalled } from "./plan";
import { LABELS, type Room } from "./room";
import type { SnapshotClass, SnapshotController, StorageClass } from "./storage-options";

/** Values of the chart (charts/snapshot-controller/values.yaml of piraeusdatastore/helm-charts). */
interface Values {
  readonly installCRDs: boolean;
  readonly controller: {
    readonly replicaCount: number;
    readonly podSecurityContext: { readonly runAsNonRoot: boolean; readonly seccompProfile: { readonly type: string } };
    readonly securityContext: {
      readonly allowPrivilegeEscalation: boolean;
      readonly capabilities: { readonly drop: readonly string[] };
      readonly readOnlyRootFilesystem: boolean;
      readonly runAsNonRoot: boolean;
      readonly runAsUser: number;
    };
  };
}

/** The chart's own contexts lack what pod security `restricted` asks for. */
export const snapshotControllerValues = ({ replicas }: SnapshotController): Values => ({
  installCRDs: true,
  controller: {
    replicaCount: replicas,
    podSecurityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      runAsUser: 1000,
    },
  },
});

/** By which Velero knows the class that it takes, where a driver has several. */
const FOR_VELERO = { "velero.io/csi-volumesnapshot-class": "true" };

/** @param velero whether Velero takes snapshots. @default false */
export const snapshotClassOf = (name: string, { driver, deletionPolicy, default: isDefault }: SnapshotClass, velero = false) => ({
  apiVersion: "snapshot.storage.k8s.io/v1",
  kind: "VolumeSnapshotClass",
  metadata: {
    name,
    labels: { ...LABELS, ...(velero && isDefault && FOR_VELERO) } as Record<string, string>,
    annotations: { "snapshot.storage.kubernetes.io/is-default-class": `${isDefault}` } as Record<string, string>,
  },
  driver,
  deletionPolicy,
});

export const storageClassOf = (name: string, options: StorageClass) =>
  ({
    metadata: {
      name,
      labels: LABELS,
      annotations: { "storageclass.kubernetes.io/is-default-class": `${options.default}` } as Record<string, string>,
    },
    provisioner: options.provisioner ?? "",
    parameters: filled(options.parameters),
    reclaimPolicy: options.reclaimPolicy,
    volumeBindingMode: options.volumeBindingMode,
    allowVolumeExpansion: options.allowVolumeExpansion,
  }) satisfies k8s.storage.v1.StorageClassArgs;

export interface StorageTransform {
  readonly storageClass?: Transform<ReturnType<typeof storageClassOf>>;
  readonly snapshotClass?: Transform<ReturnType<typeof snapshotClassOf>>;
}

/**
 * Makes the storage classes that are not there, the snapshot controller and its classes.
 *
 * @returns what is to be there before a snapshot is asked for
 */
export function installStorage(room: Room, transform: StorageTransform = {}): pulumi.Resource[] {
  const { storageClasses, snapshotController, velero } = room.plan.options;
  for (const [name, options] of Object.entries(storageClasses)) {
    if (options.existing) continue;
    room.child(k8s.storage.v1.StorageClass, `${name}-storage-class`, storageClassOf(name, options), transform.storageClass);
  }
  if (!snapshotController) return [];
  const ready = isInstalled(snapshotController)
    ? [
        room.release("snapshotController", {
          name: "snapshot-controller",
          namespace: room.namespace(snapshotController.namespace),
          values: snapshotControllerValues(snapshotController),
          version: snapshotController.version,
        }),
      ]
    : [];
  for (const [name, options] of Object.entries(snapshotController.classes)) {
    const wanted = snapshotClassOf(name, options, velero?.snapshots);
    room.child(k8s.apiextensions.CustomResource, `${name}-snapshot-class`, wanted, transform.snapshotClass, { dependsOn: ready });
  }
  return ready;
}

import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Metadata } from "./metadata";

/** Folders that a container may write while its root is read-only: an emptyDir each, gone with the pod. */
export const scratchOf = (paths: readonly string[], sizeLimit: string) => {
  const name = (path: string) =>
    path
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/^-|-$/g, "")
      .slice(0, 63);
  return {
    volumes: paths.map((path) => ({ name: name(path), emptyDir: { sizeLimit } })),
    mounts: paths.map((path) => ({ name: name(path), mountPath: path })),
  };
};

/** A claim of its own, not a template of a StatefulSet: it grows in place, and outlives the set. */
export const claimOf = (
  metadata: Metadata,
  storage: string,
  storageClassName?: pulumi.Input<string>,
  accessMode: "ReadWriteOnce" | "ReadWriteMany" = "ReadWriteOnce",
) =>
  ({
    metadata,
    spec: { accessModes: [accessMode], storageClassName, resources: { requests: { storage } } },
  }) satisfies k8s.core.v1.PersistentVolumeClaimArgs;

import type * as pulumi from "@pulumi/pulumi";
import type { Backup } from "./backup-options";

/**
 * Velero's Schedule of one namespace, in Velero's own: named after the namespace, of which a cluster has one of a name.
 *
 * @param labels of the Schedule, and of each Backup that it makes
 */
export const scheduleOf = (
  namespace: pulumi.Input<string>,
  labels: Record<string, string>,
  { namespace: velero, schedule, keepDays, volumes }: Backup,
) => ({
  apiVersion: "velero.io/v1",
  kind: "Schedule",
  metadata: { name: namespace, namespace: velero, labels },
  spec: {
    schedule,
    // else every backup would go with the schedule, once the system is taken out
    useOwnerReferencesInBackup: false,
    template: {
      metadata: { labels },
      includedNamespaces: [namespace],
      ttl: `${keepDays * 24}h0m0s`,
      defaultVolumesToFsBackup: volumes === "files",
      snapshotVolumes: volumes === "snapshots",
    },
  },
});

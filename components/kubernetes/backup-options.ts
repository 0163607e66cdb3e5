import * as z from "zod";
import { Cron } from "./cron-options";
import { DnsLabel, Positive } from "./options";

const schedule = Cron.meta({ description: "When, as cron writes it, in the time zone of Velero's pod: UTC." });
const keepDays = Positive.meta({ description: "Days that a backup is kept." });
const volumes = z
  .enum(["files", "snapshots"], { error: ({ input }) => `${JSON.stringify(input)} is no way to back up: write files or snapshots` })
  .meta({
    description:
      "How volumes are backed up: `files` copies their files to the store, `snapshots` asks the CSI driver, which must have them.",
  });
const namespace = DnsLabel.meta({ description: "Namespace of Velero." });

/** How the namespace of a system is backed up, by Velero. */
export const Backup = z
  .strictObject({
    schedule: schedule.default("0 3 * * *"),
    keepDays: keepDays.default(30),
    volumes: volumes.default("files"),
    namespace: namespace.default("velero"),
  })
  .meta({ description: "Backups of the namespace by Velero. Left out: none. `{}` takes all defaults." });
export type Backup = z.output<typeof Backup>;

/** What one of many says over what all have: other settings, or none at all. */
export const OwnBackup = z
  .union([
    z.literal(false, { error: "is no map of settings: write those that are other than the section's, or false for no backup" }),
    z.strictObject({
      schedule: schedule.optional(),
      keepDays: keepDays.optional(),
      volumes: volumes.optional(),
      namespace: namespace.optional(),
    }),
  ])
  .meta({ description: "Backups, over those of the section; false: none." });

/** The backups of one of many: its own over all's. */
export const backupOf = (all: Backup | undefined, own: z.output<typeof OwnBackup> | undefined): z.input<typeof Backup> | undefined =>
  own === false || (all ?? own) === undefined ? undefined : { ...all, ...own };

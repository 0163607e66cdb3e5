import * as z from "zod";
import { FluxionDbSettings, Ram } from "../components/fluxiondb/options";
import { Count, DnsLabel, Positive, Quantity } from "../components/kubernetes/options";

/** Section `stackyard:tenants`: FluxionDB as a service, whose tenants are in a registry and not in the stack's file (docs/tenants.md). */
export const TenantsSection = z
  .strictObject({
    settings: FluxionDbSettings.optional().meta({
      description: "What all tenants of the service have in common. Default: the settings of section stackyard:fluxiondb.",
    }),
    shardSize: Positive.default(5).meta({
      description: "Tenants of one shard, which is one Pulumi stack. Tenants that are there already stay in their shards.",
    }),
    workers: Positive.optional().meta({
      description: "Ups that one worker runs at once. Default: as many as it has processors, and memory for.",
    }),
    graceDays: Count.default(7).meta({
      description: "Days that the data of a deleted tenant are kept, unless its deletion says another number.",
    }),
    readySeconds: Positive.default(900).meta({ description: "Seconds that a database may take to be ready before its operation fails." }),
    snapshotClass: DnsLabel.optional().meta({ description: "VolumeSnapshotClass of backups. Default: the cluster's." }),
    limits: z
      .strictObject({
        tenants: Positive.default(1000).meta({ description: "Tenants of the service." }),
        ram: Ram.default("64Gi").meta({ description: "RAM of one tenant." }),
        totalRam: Quantity.optional().meta({ description: "RAM of all tenants together. Default: no limit." }),
        backups: Positive.default(30).meta({ description: "Backups of one tenant." }),
      })
      .prefault({})
      .meta({ description: "What is refused beyond." }),
  })
  .meta({ description: "FluxionDB as a service: `stackyard tenants` (docs/tenants.md)." });

export type TenantsSection = z.output<typeof TenantsSection>;

import * as z from "zod";
import { DnsLabel, flag } from "../kubernetes/options";
import { checkExisting, installed, Replicas } from "./part-options";

const isDefault = flag(false, "Take it where none is named.");

const StorageClass = z
  .strictObject({
    existing: flag(false, "It is on the cluster already: it is named here, and not made."),
    default: isDefault,
    provisioner: z.string().min(1).optional().meta({ description: "CSI driver, such as block.csi.vultr.com." }),
    parameters: z.record(z.string(), z.string()).default({}).meta({ description: "Parameters of the driver." }),
    reclaimPolicy: z.enum(["Delete", "Retain"]).default("Retain").meta({ description: "What becomes of a volume whose claim is deleted." }),
    volumeBindingMode: z
      .enum(["WaitForFirstConsumer", "Immediate"])
      .default("WaitForFirstConsumer")
      .meta({ description: "Whether a volume is made where its pod is." }),
    allowVolumeExpansion: flag(true, "Let volumes grow."),
  })
  .superRefine(({ existing, provisioner }, context) => {
    if (existing !== (provisioner !== undefined)) return;
    const message = existing ? "is not used where `existing` is true: leave one of them out" : "is missing: name the CSI driver";
    context.addIssue({ code: "custom", path: ["provisioner"], message, params: existing ? { remedy: "remove" } : {} });
  })
  .meta({ description: "Class of volumes." });
export type StorageClass = z.output<typeof StorageClass>;

export const StorageClasses = z
  .record(DnsLabel, StorageClass)
  .superRefine((classes, context) => {
    const [, second] = Object.keys(classes).filter((name) => classes[name]?.default);
    if (second === undefined) return;
    context.addIssue({ code: "custom", path: [second, "default"], message: "is true for a second class: only one is the default" });
  })
  .default({})
  .meta({ description: "Storage classes, by name: those that are made, and those that are there already." });

const SnapshotClass = z
  .strictObject({
    driver: z.string().min(1).meta({ description: "CSI driver, such as ebs.csi.aws.com." }),
    deletionPolicy: z.enum(["Delete", "Retain"]).default("Retain").meta({ description: "What becomes of a snapshot that is deleted." }),
    default: isDefault,
  })
  .meta({ description: "Class of volume snapshots." });
export type SnapshotClass = z.output<typeof SnapshotClass>;

export const SnapshotController = z
  .strictObject({
    ...installed("the snapshot controller", "snapshot-controller", "The snapshot controller is"),
    replicas: Replicas("the controller"),
    classes: z.record(DnsLabel, SnapshotClass).default({}).meta({ description: "VolumeSnapshotClasses that are made, by name." }),
  })
  .superRefine(checkExisting)
  .meta({ description: "Snapshot controller. Only with a CSI driver that has snapshots, which Vultr's has not." });
export type SnapshotController = z.output<typeof SnapshotController>;

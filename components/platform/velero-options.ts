import * as z from "zod";
import { Annotations, DnsLabel, flag, Image, text } from "../kubernetes/options";
import { checkExisting, installed, S3Store, SecretName } from "./part-options";

const Store = S3Store("the backups", "Velero's ServiceAccount").extend({
  prefix: text(/^[\w.-]+(\/[\w.-]+)*$/, "folder of a bucket: write it like clusters/prod, without / at either end")
    .optional()
    .meta({ description: "Folder of the bucket, where several clusters share it." }),
});

/** The AWS plugin goes with one minor version of Velero: 1.14 with 1.18. */
const PLUGIN = "docker.io/velero/velero-plugin-for-aws:v1.14.3";

export const Velero = z
  .strictObject({
    ...installed("Velero", "velero"),
    s3: Store.optional().meta({ description: "S3-compatible store of the backups." }),
    existingSecret: DnsLabel.optional().meta({
      description:
        "Secret of Velero's namespace that exists already, with the store's keys as AWS's file of credentials, in its key `cloud`.",
    }),
    pluginImage: Image.default(PLUGIN).meta({
      description: "Image of the plugin for S3-compatible stores; it goes with Velero's version.",
    }),
    nodeAgent: flag(true, "Back up files: a privileged pod a node reads the pods' volumes in the node's folders."),
    snapshots: flag(false, "Take snapshots of volumes, by the CSI driver's snapshotter. Vultr's has none."),
    secrets: z.strictObject({ repositoryPassword: SecretName.optional() }).prefault({}).meta({
      description:
        "Password that files are encrypted with in the store, from the first backup on. Default: Velero's own, which everybody knows. Nobody can restore without it: keep it elsewhere, too.",
    }),
    serviceAccountAnnotations: Annotations.default({}).meta({
      description: "Annotations that give its ServiceAccount an identity in the cloud, such as eks.amazonaws.com/role-arn.",
    }),
  })
  .superRefine(checkExisting)
  .superRefine(({ existing, s3, existingSecret, nodeAgent, snapshots }, context) => {
    const wrong = (path: string, message: string, remedy?: string) =>
      context.addIssue({ code: "custom", path: [path], message, params: { remedy } });
    if (existing && s3 !== undefined) wrong("s3", "is not used where `existing` is true: leave one of them out", "remove");
    if (existingSecret !== undefined && (existing || s3?.secrets.accessKeyId !== undefined))
      wrong(
        "existingSecret",
        `is not used ${existing ? "where `existing` is true" : "beside s3.secrets"}: leave one of them out`,
        "remove",
      );
    if (!existing && s3 === undefined) wrong("s3", "is missing: name the bucket that backups go to, such as { bucket: backups }");
    if (!existing && !nodeAgent && !snapshots)
      wrong("nodeAgent", "is false, and so is snapshots: no volume could be backed up; leave it out, or set snapshots to true");
  })
  .meta({ description: "Velero: backups of namespaces and their volumes." });
export type Velero = z.output<typeof Velero>;

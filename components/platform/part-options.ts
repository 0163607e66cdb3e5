import * as z from "zod";
import { smallestVolume } from "../../sizing/volumes";
import { DnsLabel, flag, Positive, Quantity, text } from "../kubernetes/options";

/** What the parts of the platform share in their options. */

export const Version = text(/^v?\d+\.\d+\.\d+$/, "full version: write it as the chart's repository does, such as 1.21.2 or v1.21.2").meta({
  description: "Version of the chart. Default: the one that components/platform/versions.ts pins.",
});

/**
 * Options of a part that a chart installs.
 *
 * @param there what is on the cluster where it is not installed
 */
export const installed = (what: string, namespace: string, there = `${what} is`) => ({
  existing: flag(false, `${there} on the cluster already: nothing is installed, and what the options name is taken as it is.`),
  version: Version.optional(),
  namespace: DnsLabel.default(namespace).meta({
    description: `Namespace of ${what}. It is made, unless it is one of the cluster's own (kube-…).`,
  }),
});

export const Replicas = (of: string) => Positive.default(1).meta({ description: `Pods of ${of}.` });

/** What only an installation uses is not said of what is there already. */
export const checkExisting = ({ existing, version }: { existing: boolean; version?: string }, context: z.RefinementCtx): void => {
  if (!existing || version === undefined) return;
  context.addIssue({
    code: "custom",
    path: ["version"],
    message: "is not used where `existing` is true: leave one of them out",
    params: { remedy: "remove" },
  });
};

/** A secret value: the name under which it is given beside the options. */
export const SecretName = z
  .string({ error: "names no key of stackyard:secrets" })
  .min(1, { error: "names no key of stackyard:secrets" })
  .meta({ description: "Name of a key of stackyard:secrets." });

/** Of alternatives that are an option each, exactly one is set. */
export const exactlyOne =
  (names: readonly string[]) =>
  (options: Readonly<Record<string, unknown>>, context: z.RefinementCtx): void => {
    const set = names.filter((name) => options[name] !== undefined);
    if (set.length === 1) return;
    const message =
      set.length === 0
        ? `is missing: write exactly one of ${names.join(", ")}`
        : `is one too many beside ${set.slice(1).join(", ")}: write exactly one of ${names.join(", ")}`;
    context.addIssue({ code: "custom", path: [set[0] ?? names[0] ?? ""], message });
  };

export const Volume = (size: string) =>
  z
    .strictObject({
      size: Quantity.default(size).meta({ description: "Size of the volume." }),
      storageClass: DnsLabel.optional().meta({ description: "Class of the volume. Default: the cluster's." }),
    })
    .superRefine(({ size, storageClass }, context) => {
      const smallest = smallestVolume(storageClass, size);
      if (smallest === undefined) return;
      const message = `${size} is less than the smallest volume of class "${storageClass}": set it to ${smallest} or more`;
      context.addIssue({ code: "custom", path: ["size"], message });
    })
    .prefault({})
    .meta({ description: "Volume of the data." });

export const Url = z.url({ protocol: /^https?$/, error: "is no address: write it like http://name.namespace.svc:9090" });

/**
 * A bucket of S3, or of a store that speaks as S3 does.
 *
 * @param of what is kept there
 * @param identity what has an identity in the cloud, where there are no keys
 */
export const S3Store = (of: string, identity: string) =>
  z
    .strictObject({
      bucket: z
        .string()
        .min(3)
        .max(63)
        .meta({ description: `Bucket of ${of}.` }),
      region: z.string().min(1).default("us-east-1").meta({ description: "Region." }),
      endpoint: Url.optional().meta({ description: "Address of a store that is not AWS." }),
      secrets: z
        .strictObject({ accessKeyId: SecretName.optional(), secretAccessKey: SecretName.optional() })
        .refine(({ accessKeyId, secretAccessKey }) => (accessKeyId === undefined) === (secretAccessKey === undefined), {
          path: ["secretAccessKey"],
          error: "goes together with secrets.accessKeyId: write both, or neither",
        })
        .prefault({})
        .meta({ description: `Access key. Default: the identity of ${identity}.` }),
    })
    .meta({ description: `S3-compatible store of ${of}.` });

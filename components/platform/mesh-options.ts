import * as z from "zod";
import { DnsLabel, flag, HostName } from "../kubernetes/options";
import { checkExisting, installed, Version } from "./part-options";

export const Linkerd = z
  .strictObject({
    ...installed("Linkerd", "linkerd"),
    highAvailability: flag(false, "Three pods of each part, spread over nodes; pods start only while the injector answers."),
    clusterDomain: HostName.default("cluster.local").meta({ description: "Domain of the cluster, which identities end with." }),
    cni: z
      .strictObject({
        enabled: flag(
          true,
          "Install the CNI plugin. Without it each meshed pod has an init container that pod security `restricted` refuses.",
        ),
        namespace: DnsLabel.default("linkerd-cni").meta({ description: "Namespace of the plugin." }),
      })
      .prefault({})
      .meta({ description: "Linkerd's CNI plugin." }),
    trustManager: z
      .strictObject({
        existing: flag(false, "trust-manager is on the cluster already."),
        version: Version.optional(),
      })
      .superRefine(checkExisting)
      .prefault({})
      .meta({ description: "trust-manager, which hands out the trust anchor. It is in cert-manager's namespace." }),
  })
  .superRefine(checkExisting)
  .meta({ description: "Linkerd, with certificates by cert-manager." });
export type Linkerd = z.output<typeof Linkerd>;

import * as z from "zod";
import { Annotations, DnsLabel, Labels, NetworkRule, Positive, flag } from "./options";

/** What workloads of several systems share in their options, beside `options.ts`. Each names the system in its descriptions. */

export const Namespace = (system: string) =>
  z
    .strictObject({
      create: flag(true, "Make the namespace. False: it exists already."),
      name: DnsLabel.optional().meta({ description: "Name of the namespace. Default: the component's name." }),
      labels: Labels.default({}).meta({ description: "Further labels of the namespace that is made." }),
      podSecurity: z
        .enum(["restricted", "baseline", "privileged"])
        .default("restricted")
        .meta({ description: "Pod security standard that the namespace enforces, when it is made." }),
    })
    .prefault({})
    .meta({ description: `Namespace that everything of ${system} is in.` });

export const ServiceAccount = (system: string) =>
  z
    .strictObject({
      create: flag(true, "Make a ServiceAccount."),
      automount: flag(false, `Mount its token into the pods; ${system} does not call the Kubernetes API.`),
      annotations: Annotations.default({}).meta({ description: "Annotations of the ServiceAccount." }),
      name: DnsLabel.optional().meta({ description: `Name. Default: that of ${system}, or \`default\` where none is made.` }),
    })
    .prefault({})
    .meta({ description: "ServiceAccount of the pods." });

/** @param id user and group of the image */
export const Security = (id: number) =>
  z
    .strictObject({
      runAsUser: Positive.default(id).meta({ description: "User of the container: the image's own." }),
      runAsGroup: Positive.default(id).meta({ description: "Group of the container." }),
      fsGroup: Positive.default(id).meta({ description: "Group of the pod's volumes." }),
      readOnlyRootFilesystem: flag(true, "Let the container write into writablePaths only."),
    })
    .prefault({})
    .meta({ description: "Users and file system of the container." });

export const Spread = z
  .strictObject({
    enabled: flag(true, "Whether pods are spread."),
    maxSkew: Positive.default(1).meta({ description: "Largest difference in pods between two domains." }),
    topologyKey: z.string().min(1).default("kubernetes.io/hostname").meta({ description: "Node label that makes the domains." }),
    whenUnsatisfiable: z
      .enum(["ScheduleAnyway", "DoNotSchedule"])
      .default("ScheduleAnyway")
      .meta({ description: "What happens to a pod that would be one too many." }),
  })
  .prefault({})
  .meta({ description: "Spread over nodes or zones." });
export type Spread = z.output<typeof Spread>;

export const IngressController = (description: string) =>
  z
    .strictObject({
      namespace: DnsLabel.default("ingress-nginx").meta({ description: "Namespace of the ingress controller." }),
      podLabels: Labels.default({}).meta({ description: "Labels of its pods; all pods of the namespace if empty." }),
    })
    .prefault({})
    .meta({ description });
export type IngressController = z.output<ReturnType<typeof IngressController>>;

export const GatewayProxy = z
  .strictObject({
    namespace: DnsLabel.default("envoy-gateway-system").meta({ description: "Namespace of Envoy's pods." }),
    podLabels: Labels.default({}).meta({ description: "Labels of its pods; all pods of the namespace if empty." }),
  })
  .prefault({})
  .meta({ description: "Who may call it where a Gateway serves, instead of the ingress controller." });

/** @param ports TCP ports that the system's pods may reach anywhere, unless its owner says otherwise */
export const NetworkPolicy = (ports: number[], egress: string) =>
  z
    .strictObject({
      enabled: flag(true, "Whether there is a NetworkPolicy."),
      ingressController: IngressController("Who may call the HTTP port from outside."),
      gatewayProxy: GatewayProxy,
      ingress: z.array(NetworkRule).default([]).meta({ description: "Further callers." }),
      egress: z
        .array(NetworkRule)
        .default([{ peers: "anywhere", ports }])
        .meta({ description: egress }),
    })
    .prefault({})
    .meta({ description: "Who may talk to the pods, and to whom they may talk." });

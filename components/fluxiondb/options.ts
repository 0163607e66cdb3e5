import * as z from "zod";
import { bytes } from "../../sizing/quantity";
import { REPLICAS, sizeOf } from "../../sizing/fluxiondb";
import { smallestVolume } from "../../sizing/volumes";
import { millicores } from "../../sizing/cpu";
import {
  Annotations,
  CpuQuantity,
  DnsLabel,
  HostName,
  ImageParts,
  Labels,
  Positive,
  Quantity,
  Toleration,
  flag,
  isMore,
  text,
} from "../kubernetes/options";
import { Backup } from "../kubernetes/backup-options";
import { TcpProbe } from "../kubernetes/probe-options";
import { filled, Ingress, NetworkPolicy, Service } from "./edge-options";

/**
 * The options of FluxionDB, named as its chart names them (seed 001, contract 2.1) where the chart has them.
 * A tenant chooses user, RAM and key; all else has a default or follows. docs/systems/fluxiondb.md lists every option.
 */

/** What the namespace is named, before the user. */
export const NAMESPACE_PREFIX = "fluxiondb-";
const LONGEST = 63 - NAMESPACE_PREFIX.length;

export const User = text(
  new RegExp(`^[a-z0-9]([a-z0-9-]{0,${LONGEST - 2}}[a-z0-9])?$`),
  `user: it becomes part of the namespace ${NAMESPACE_PREFIX}<user>, so use 1 to ${LONGEST} of a-z, 0-9 and "-", no dash at either end`,
).meta({ description: `Owner of the database. Its namespace is ${NAMESPACE_PREFIX}<user>.` });

/** A unit that was forgotten makes a few bytes, which no container starts in. */
const LEAST_RAM = "64Mi";
export const Ram = Quantity.refine((ram) => !isMore(bytes, LEAST_RAM, ram), {
  error: ({ input }) => `"${String(input)}" is too little to start in: ${LEAST_RAM} is the least, 512Mi what the smallest plan has`,
}).meta({ description: "Memory of the database, such as 512Mi or 4Gi. Storage and CPU follow from it; it can grow, and never shrink." });

const Cpu = (description: string) =>
  z
    .strictObject({ cpu: CpuQuantity.optional().meta({ description }) })
    .prefault({})
    .meta({ description: "CPU; memory is `ram`." });

/** Options that a tenant has, beside user and RAM; a stack's section gives them once for all its tenants. */
export const FluxionDbSettings = z.strictObject({
  replicaCount: z
    .literal(REPLICAS, {
      error: "can only be 1: two pods on one volume lose data. For more capacity raise `ram`, for more databases add a tenant",
    })
    .default(REPLICAS)
    .meta({ description: "Number of pods: one." }),
  suspended: flag(false, "No pod; volume, key, address and all else stay."),
  image: ImageParts("volandoo/fluxiondb"),
  imagePullSecrets: z.array(DnsLabel).default([]).meta({ description: "Secrets of the namespace to pull the image with." }),
  labels: Labels.default({}).meta({ description: "Further labels of every object." }),
  podAnnotations: Annotations.default({}).meta({ description: "Further annotations of the pod." }),
  podLabels: Labels.default({}).meta({ description: "Further labels of the pod." }),
  namespace: z
    .strictObject({
      create: flag(true, "Make the namespace. False: it exists already, with its pod security label."),
      labels: Labels.default({}).meta({ description: "Further labels of the namespace that is made." }),
    })
    .prefault({})
    .meta({ description: `Namespace ${NAMESPACE_PREFIX}<user>.` }),
  env: z
    .strictObject({
      flushInterval: Positive.default(15).meta({
        description: "Seconds between two writes of what changed. A pod that stops waits twice as long.",
      }),
      dataFolder: text(/^(\/[A-Za-z0-9._-]+)+$/, 'folder: write an absolute path of letters, digits, ".", "_" and "-", such as /data')
        .default("/data")
        .meta({ description: "Folder that the volume is mounted at." }),
    })
    .prefault({})
    .meta({ description: "Settings of the program." }),
  persistence: z
    .strictObject({
      enabled: flag(true, "Keep the data on a volume. Off: each stop loses all."),
      size: Quantity.optional().meta({ description: "Size of the volume, where it is to be more than twice the RAM." }),
      storageClass: DnsLabel.optional().meta({ description: "Class of the volume; it must allow expansion. Default: the cluster's." }),
      existingClaim: DnsLabel.optional().meta({ description: "Claim of the namespace that exists already; size and class are its own." }),
    })
    .superRefine(({ enabled, existingClaim, size, storageClass }, context) => {
      const unused = (path: string, because: string) =>
        context.addIssue({ code: "custom", path: [path], message: `is not used ${because}: leave one of them out` });
      if (existingClaim !== undefined && size !== undefined) unused("size", "beside persistence.existingClaim");
      if (existingClaim !== undefined && storageClass !== undefined) unused("storageClass", "beside persistence.existingClaim");
      if (existingClaim !== undefined && !enabled) unused("existingClaim", "where persistence.enabled is false");
    })
    .prefault({})
    .meta({ description: "Volume of the data." }),
  backup: Backup.optional(),
  secret: z
    .strictObject({
      create: flag(true, "Make the Secret from the key given."),
      name: DnsLabel.optional().meta({ description: "Secret of the namespace that exists already; it wins over `create`." }),
      key: text(/^[\w.-]{1,253}$/, 'key of a Secret: use letters, digits, ".", "_" and "-"')
        .default("secret-key")
        .meta({ description: "Key of the Secret that holds it." }),
    })
    .refine(({ create, name }) => create || name !== undefined, {
      path: ["name"],
      error: "is missing: secret.create is false, so name the Secret that exists",
    })
    .prefault({})
    .meta({ description: "Where the key that clients authenticate with is." }),
  resources: z
    .strictObject({
      requests: Cpu("What a node must have free. Default: follows from `ram`."),
      limits: Cpu("What the pod may use at most. Default: follows from `ram`."),
    })
    .prefault({})
    .meta({ description: "CPU of the pod, where it is not what follows from `ram`." }),
  service: Service,
  startupProbe: TcpProbe(
    { initialDelaySeconds: 0, periodSeconds: 5, timeoutSeconds: 3, failureThreshold: 120 },
    "Until it passes the other probes wait: the database loads all its data when it starts. Ten minutes.",
  ),
  livenessProbe: TcpProbe(
    { initialDelaySeconds: 10, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 },
    "A container that fails it is restarted.",
  ),
  readinessProbe: TcpProbe(
    { initialDelaySeconds: 5, periodSeconds: 5, timeoutSeconds: 3, failureThreshold: 3 },
    "A pod that fails it gets no new connections.",
  ),
  ingress: Ingress,
  networkPolicy: NetworkPolicy,
  quota: z
    .strictObject({ enabled: flag(true, "Whether there is a ResourceQuota. Off where something puts containers of its own into the pod.") })
    .prefault({})
    .meta({ description: "Quota of the namespace, which this one pod and its claim fill." }),
  serviceAccount: z
    .strictObject({
      create: flag(false, "Make a ServiceAccount. No token is mounted either way."),
      annotations: Annotations.default({}).meta({ description: "Annotations of the ServiceAccount that is made." }),
      name: DnsLabel.optional().meta({ description: "Name. Default: fluxiondb where one is made, else `default`." }),
    })
    .prefault({})
    .meta({ description: "ServiceAccount of the pod." }),
  securityContext: z
    .strictObject({
      runAsUser: Positive.default(1000).meta({ description: "User of the container; the image would take root." }),
      runAsGroup: Positive.default(1000).meta({ description: "Group of the container." }),
      fsGroup: Positive.default(1000).meta({ description: "Group of the volume." }),
      readOnlyRootFilesystem: flag(true, "Let the container write to its data folder only."),
    })
    .prefault({})
    .meta({ description: "Users and file system of the container." }),
  nodeSelector: Labels.default({}).meta({ description: "Labels that a node must have." }),
  tolerations: z.array(Toleration).default([]).meta({ description: "Taints that the pod tolerates." }),
});

const FluxionDbShape = FluxionDbSettings.extend({ user: User, ram: Ram });

/** Options of one tenant, without the key. */
export const FluxionDbOptions = FluxionDbShape.superRefine((options, context) => {
  const { ram, persistence, resources, service, networkPolicy, ingress } = options;
  const wrong = (path: string, message: string) => context.addIssue({ code: "custom", path: path.split("."), message });

  if (Ram.safeParse(ram).success) {
    const { storage, cpu } = sizeOf(ram);
    if (persistence.size !== undefined && isMore(bytes, storage, persistence.size)) {
      wrong("persistence.size", `${persistence.size} is less than twice the RAM: set at least ${storage} for ${ram}, or leave it out`);
    }
    const smallest = persistence.enabled ? smallestVolume(persistence.storageClass, persistence.size ?? storage) : undefined;
    if (smallest !== undefined) {
      const given = persistence.size ?? `${storage}, twice the RAM,`;
      const way = `set persistence.size to ${smallest} or more, or give the tenant so much RAM that twice of it is`;
      wrong("persistence.size", `${given} is less than the smallest volume of class "${persistence.storageClass}": ${way}`);
    }
    const request = resources.requests.cpu ?? cpu.request;
    const limit = resources.limits.cpu ?? cpu.limit;
    if (isMore(millicores, request, limit)) {
      wrong("resources.requests.cpu", `${request} is more than the limit of ${limit}: lower the request or raise resources.limits.cpu`);
    }
  }
  const host = filled(ingress.host, options.user);
  if (ingress.enabled && User.safeParse(options.user).success && !HostName.safeParse(host).success) {
    wrong("ingress.host", `makes "${host}" for this user, which is no host name: a part of it has more than 63 characters`);
  }
  const { enabled, clients } = networkPolicy;
  const outside = clients === "anywhere" || clients?.some(({ cidr }) => cidr !== undefined);
  if (enabled && service.type !== "ClusterIP" && !outside) {
    wrong(
      "networkPolicy.clients",
      `let in nobody from outside, for whom service.type is ${service.type}: name their addresses, such as { cidr: 203.0.113.0/24 }`,
    );
  }
  if (enabled && Array.isArray(clients) && clients.length === 0 && !ingress.enabled) {
    wrong("networkPolicy.clients", "is empty, so that nobody could connect: name peers, leave it out, or set ingress.enabled to true");
  }
});

/** Options as they are written: what has a default may be left out. */
export type FluxionDbInput = z.input<typeof FluxionDbOptions>;
/** Options with every default filled in. */
export type FluxionDbPlan = z.output<typeof FluxionDbOptions>;

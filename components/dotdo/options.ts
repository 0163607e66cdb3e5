import * as z from "zod";
import {
  AbsolutePath,
  Annotations,
  CountOrPercent,
  DnsLabel,
  HttpProbe,
  ImageParts,
  Labels,
  Positive,
  Quantity,
  Raw,
  Resources,
  Seconds,
  Toleration,
  flag,
} from "../kubernetes/options";
import { Namespace, NetworkPolicy, Security, ServiceAccount, Spread } from "../kubernetes/workload-options";
import { Ingress, Linkerd, Prometheus, Service } from "./edge-options";
import { ADDRESSES, Env, whyNotShared } from "./env-options";
import { Fly } from "./fly-options";
import { AntiAffinity, Autoscaling, DisruptionBudget, Drain } from "./pod-options";

/**
 * The options of dotdo, named as its chart names them (seed 000) where the chart has them.
 * Defaults are the chart's, save where the container could not work with them or they are not secure: docs/systems/dotdo.md lists those.
 */

/** Keys of the Secret, by the name under which the value is given (seed 000, "Expected secret keys"). */
export const SECRET_KEYS = {
  tursoToken: "turso-token",
  r2AccessKey: "r2-access-key",
  r2SecretKey: "r2-secret-key",
  redisPassword: "redis-password",
  apiKey: "api-key",
} as const;
export type DotdoSecret = keyof typeof SECRET_KEYS;

const secret = (description: string) =>
  z.string().min(1, { error: "is empty: give the value, or leave it out" }).optional().meta({ description });

/** Secret values, kept apart from the options: they come from where secrets are kept, never from a section in clear. */
export const DotdoSecrets = z
  .strictObject({
    tursoToken: secret("Token of libSQL/Turso."),
    r2AccessKey: secret("Access key of the S3-compatible store."),
    r2SecretKey: secret("Secret key of the S3-compatible store."),
    redisPassword: secret("Password of Redis."),
    apiKey: secret("Key that clients of the API authenticate with."),
  })
  .meta({ description: "Secret values of dotdo." });

export const DotdoShape = z.strictObject({
  fullnameOverride: DnsLabel.max(50, { error: "is too long: use at most 50 characters" })
    .optional()
    .meta({ description: "Name of the objects. Default: the component's name." }),
  replicaCount: Positive.default(3).meta({ description: "Number of pods, when autoscaling is off." }),
  image: ImageParts("ghcr.io/dot-do/dotdo"),
  imagePullSecrets: z.array(DnsLabel).default([]).meta({ description: "Secrets to pull the image with." }),
  namespace: Namespace("dotdo"),
  labels: Labels.default({}).meta({ description: "Further labels of every object." }),
  podAnnotations: Annotations.default({}).meta({ description: "Further annotations of the pods." }),
  podLabels: Labels.default({}).meta({ description: "Further labels of the pods." }),
  service: Service,
  ingress: Ingress,
  autoscaling: Autoscaling,
  env: Env,
  extraEnvFrom: z
    .array(
      z
        .strictObject({
          secret: DnsLabel.optional().meta({ description: "Name of a Secret." }),
          configMap: DnsLabel.optional().meta({ description: "Name of a ConfigMap." }),
        })
        .refine((from) => (from.secret === undefined) !== (from.configMap === undefined), {
          error: "names one of `secret` and `configMap`",
        }),
    )
    .default([])
    .meta({ description: "Secrets and ConfigMaps of which every key becomes a variable." }),
  secrets: z
    .strictObject({
      create: flag(true, "Make the Secret from the values given."),
      existingSecret: DnsLabel.optional().meta({ description: "Secret that exists already; it wins over `create`." }),
    })
    .prefault({})
    .meta({ description: `Where the keys ${Object.values(SECRET_KEYS).join(", ")} come from; each is optional.` }),
  resources: Resources({ cpu: "100m", memory: "128Mi" }, { cpu: "1000m", memory: "512Mi" }),
  livenessProbe: HttpProbe(
    { path: "/health", initialDelaySeconds: 10, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 },
    "A container that fails it is restarted.",
  ),
  readinessProbe: HttpProbe(
    { path: "/health", initialDelaySeconds: 5, periodSeconds: 5, timeoutSeconds: 3, failureThreshold: 3 },
    "A pod that fails it gets no requests. The chart's /ready is no route of the app.",
  ),
  startupProbe: HttpProbe(
    { path: "/health", initialDelaySeconds: 0, periodSeconds: 5, timeoutSeconds: 3, failureThreshold: 30 },
    "Until it passes the other probes wait: the image downloads wrangler when it starts.",
  ),
  linkerd: Linkerd,
  prometheus: Prometheus,
  podDisruptionBudget: DisruptionBudget,
  networkPolicy: NetworkPolicy(
    [443, 6379, 5432],
    "What the pods may reach beside DNS and each other. libSQL and S3 by HTTPS, Redis, Postgres.",
  ),
  topologySpreadConstraints: Spread,
  podAntiAffinity: z
    .array(AntiAffinity)
    .prefault([
      { topologyKey: "kubernetes.io/hostname", weight: 100 },
      { topologyKey: "topology.kubernetes.io/zone", weight: 50 },
    ])
    .meta({ description: "Domains in which pods keep apart." }),
  nodeSelector: Labels.default({}).meta({ description: "Labels that a node must have." }),
  tolerations: z.array(Toleration).default([]).meta({ description: "Taints that pods tolerate." }),
  serviceAccount: ServiceAccount("dotdo"),
  securityContext: Security(1001), // the image's own, who owns /app
  home: AbsolutePath.default("/home/dotdo").meta({ description: "HOME of the container: npm and wrangler keep their caches there." }),
  writablePaths: z
    .array(AbsolutePath)
    .default(["/tmp", "/home/dotdo", "/app/.wrangler", "/app/data"])
    .meta({ description: "Folders that the container may write, each an emptyDir." }),
  writableSize: Quantity.default("1Gi").meta({ description: "Most that each of writablePaths may hold." }),
  strategy: z
    .strictObject({
      maxSurge: CountOrPercent.default("25%").meta({ description: "Pods beyond the wanted number during a rollout." }),
      maxUnavailable: CountOrPercent.default(0).meta({ description: "Pods that may be missing during a rollout." }),
    })
    .refine(({ maxSurge, maxUnavailable }) => Number.parseInt(`${maxSurge}`) + Number.parseInt(`${maxUnavailable}`) > 0, {
      error: "lets no pod be replaced: set maxSurge or maxUnavailable above 0",
    })
    .prefault({})
    .meta({ description: "Rolling update." }),
  progressDeadlineSeconds: Positive.default(600).meta({
    description: "Seconds without progress after which a rollout has failed, and an up with it.",
  }),
  drain: Drain,
  terminationGracePeriodSeconds: Seconds.optional().meta({
    description: "Seconds from the wish to stop to the kill. Default: drain.maxSeconds and 30.",
  }),
  extraVolumes: Raw("Volume").default([]),
  extraVolumeMounts: Raw("VolumeMount").default([]),
  extraContainers: Raw("Container").default([]),
  initContainers: Raw("Container").default([]),
  fly: Fly,
});

/** What options of dotdo ask of each other. */
export const checkDotdo = (options: z.output<typeof DotdoShape>, context: z.RefinementCtx): void => {
  const wrong = (path: (string | number)[], message: string) => context.addIssue({ code: "custom", path, message });
  const { autoscaling, podDisruptionBudget: budget, namespace, linkerd, drain, terminationGracePeriodSeconds: grace } = options;

  const [fewest, key] = autoscaling.enabled ? [autoscaling.minReplicas, "autoscaling.minReplicas"] : [options.replicaCount, "replicaCount"];
  const kept = budget.minAvailable ?? (budget.maxUnavailable === undefined ? 1 : 0);
  if (budget.enabled && (kept === "100%" || (typeof kept === "number" && kept >= fewest))) {
    wrong(
      ["podDisruptionBudget", "minAvailable"],
      `${kept} of ${fewest} pods (${key}) must stay, so no node could ever be drained: lower it, raise ${key}, or set podDisruptionBudget.enabled to false`,
    );
  }
  if (linkerd.enabled && !linkerd.cni && namespace.create && namespace.podSecurity !== "privileged") {
    wrong(
      ["linkerd", "cni"],
      `without Linkerd's CNI plugin its init container needs privileges that namespace.podSecurity "${namespace.podSecurity}" refuses: install the plugin, or set podSecurity to "privileged"`,
    );
  }
  if (grace !== undefined && grace < drain.maxSeconds) {
    wrong(
      ["terminationGracePeriodSeconds"],
      `${grace} ends before connections may (drain.maxSeconds is ${drain.maxSeconds}): raise it or lower drain.maxSeconds`,
    );
  }
  if (options.fly.enabled) {
    for (const name of ADDRESSES) {
      const why = options.env[name] === "" ? undefined : whyNotShared(options.env[name]);
      if (why) wrong(["env", name], `${why}, and Fly Machines need it: name another, or set fly.enabled to false`);
    }
    for (const name of Object.keys(options.env).filter((name) => name.startsWith("FLY_"))) {
      wrong(
        ["env", name],
        `${name} cannot be set here: Fly keeps FLY_ for itself, and the pods get theirs from fly.app and fly.clusterRegion`,
      );
    }
  }
};

/** Options of dotdo, without secrets. */
export const DotdoOptions = DotdoShape.superRefine(checkDotdo);

/** Options as they are written: what has a default may be left out. */
export type DotdoInput = z.input<typeof DotdoOptions>;
/** Options with every default filled in. */
export type DotdoPlan = z.output<typeof DotdoOptions>;

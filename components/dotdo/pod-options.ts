import * as z from "zod";
import { CountOrPercent, Positive, Seconds, flag } from "../kubernetes/options";

/** How many pods of dotdo there are, where, as whom, and how they stop. */

const Metric = (enabled: boolean, target: number, description: string) =>
  z
    .strictObject({
      enabled: flag(enabled, "Whether the HPA uses it; customMetrics.enabled must be on, too."),
      targetAverageValue: z
        .union([Positive, z.string().regex(/^[1-9]\d*m?$/)], { error: 'is no amount: write a whole number, such as 1000 or "500m"' })
        .default(target)
        .meta({ description: "Average over pods that the HPA aims at." }),
    })
    .prefault({})
    .meta({ description });

const PERCENT = Positive.max(100, { error: "is no share: write 1 to 100" });

export const Autoscaling = z
  .strictObject({
    enabled: flag(true, "Whether an HPA sets the number of pods."),
    minReplicas: Positive.default(2).meta({ description: "Fewest pods." }),
    maxReplicas: Positive.default(100).meta({ description: "Most pods." }),
    targetCPUUtilizationPercentage: PERCENT.nullable()
      .default(70)
      .meta({ description: "CPU use in % of the request; null leaves it out." }),
    targetMemoryUtilizationPercentage: PERCENT.nullable()
      .default(80)
      .meta({ description: "Memory use in % of the request; null leaves it out." }),
    customMetrics: z
      .strictObject({
        enabled: flag(false, "Use metrics of the pods. Off: one metric that nobody emits stops all scaling down."),
        activeDoInstances: Metric(false, 1000, "Metric dotdo_active_instances."),
        requestsPerSecond: Metric(false, 500, "Metric dotdo_requests_per_second."),
      })
      .prefault({})
      .meta({ description: "Metrics of the pods, served by an adapter at custom.metrics.k8s.io." }),
  })
  .superRefine((scaling, context) => {
    const { enabled, minReplicas, maxReplicas, customMetrics: custom } = scaling;
    const wrong = (path: string, message: string) => context.addIssue({ code: "custom", path: [path], message });
    if (minReplicas > maxReplicas) {
      wrong("minReplicas", `${minReplicas} is more than autoscaling.maxReplicas (${maxReplicas}): lower it or raise maxReplicas`);
    }
    const metrics = [
      scaling.targetCPUUtilizationPercentage !== null,
      scaling.targetMemoryUtilizationPercentage !== null,
      custom.enabled && (custom.activeDoInstances.enabled || custom.requestsPerSecond.enabled),
    ];
    if (enabled && !metrics.includes(true)) wrong("enabled", "has no metric to scale by: set a target or set it to false");
  })
  .prefault({})
  .meta({ description: "Horizontal pod autoscaler." });

export const DisruptionBudget = z
  .strictObject({
    enabled: flag(true, "Whether there is a PodDisruptionBudget."),
    minAvailable: CountOrPercent.optional().meta({ description: "Pods that must stay. Default: 1, unless maxUnavailable is set." }),
    maxUnavailable: CountOrPercent.optional().meta({ description: "Pods that may be away, instead of minAvailable." }),
  })
  .refine(({ minAvailable, maxUnavailable }) => minAvailable === undefined || maxUnavailable === undefined, {
    path: ["maxUnavailable"],
    error: "and minAvailable exclude each other: leave one of them out",
  })
  .prefault({})
  .meta({ description: "How many pods a node drain may take at once." });

export const AntiAffinity = z
  .strictObject({
    topologyKey: z.string().min(1).meta({ description: "Node label, such as kubernetes.io/hostname." }),
    required: flag(false, "Never two pods in one domain, instead of rather not."),
    weight: z.int().min(1).max(100).default(100).meta({ description: "Weight among preferences, 1 to 100." }),
  })
  .meta({ description: "Keep pods apart." });

export const Drain = z
  .strictObject({
    minSeconds: Seconds.default(15).meta({ description: "Seconds a pod serves on after it was told to stop, until no edge sends to it." }),
    maxSeconds: Seconds.default(3600).meta({
      description: "Seconds after which connections still open are cut. Default: a WebSocket's hour.",
    }),
  })
  .refine(({ minSeconds, maxSeconds }) => minSeconds <= maxSeconds, {
    path: ["minSeconds"],
    error: "is more than drain.maxSeconds: lower it or raise maxSeconds",
  })
  .prefault({})
  .meta({ description: "How a pod that stops waits for its connections to end." });

import * as z from "zod";
import { AbsolutePath, Count, DnsLabel, Port, Positive, flag, text } from "../kubernetes/options";

/** dotdo on Fly Machines at the edge beside the cluster: one truth for the pods here and for the fly.toml there. */

/** Presets of Fly Machines (`fly platform vm-sizes`), with their number of CPUs. */
const SIZES = {
  "shared-cpu-1x": 1,
  "shared-cpu-2x": 2,
  "shared-cpu-4x": 4,
  "shared-cpu-8x": 8,
  "performance-1x": 1,
  "performance-2x": 2,
  "performance-4x": 4,
  "performance-8x": 8,
  "performance-16x": 16,
} as const;
type Size = keyof typeof SIZES;

/** Memory that one CPU of each kind may have, in MiB, and in which steps (flyctl's own checks). */
const MEMORY = { shared: { least: 256, most: 2048, step: 256 }, performance: { least: 2048, most: 8192, step: 1024 } };

const memoryOf = (size: Size) => {
  const { least, most, step } = MEMORY[size.startsWith("shared") ? "shared" : "performance"];
  return { least: least * SIZES[size], most: most * SIZES[size], step };
};

const Region = text(/^[a-z]{3}$/, "region of Fly: write its three letters, such as iad (`fly platform regions` lists them)").meta({
  description: "Region of Fly, such as iad.",
});

const Concurrency = z
  .strictObject({
    type: z.enum(["connections", "requests"]).default("connections").meta({
      description: "What is counted. A WebSocket is one connection as long as it lives.",
    }),
    softLimit: Positive.default(200).meta({ description: "Load at which Fly's proxy prefers other Machines, and starts stopped ones." }),
    hardLimit: Positive.default(250).meta({ description: "Load at which a Machine gets nothing more." }),
  })
  .refine(({ softLimit, hardLimit }) => softLimit <= hardLimit, {
    path: ["softLimit"],
    error: "is more than hardLimit: lower it or raise hardLimit",
  })
  .prefault({})
  .meta({ description: "How many clients a Machine takes." });

const Check = z
  .strictObject({
    path: AbsolutePath.default("/api/health").meta({ description: "Path that Fly asks with GET." }),
    intervalSeconds: Positive.default(30).meta({ description: "Seconds between checks." }),
    timeoutSeconds: Positive.default(5).meta({ description: "Seconds until a check counts as failed." }),
    gracePeriodSeconds: Count.default(10).meta({ description: "Seconds after a Machine's start in which checks do not count." }),
  })
  .prefault({})
  .meta({ description: "Health check of the Machines." });

export const Fly = z
  .strictObject({
    enabled: flag(false, "dotdo runs on Fly Machines, too: the pods learn of them, and `stackyard fly-toml` writes their fly.toml."),
    app: DnsLabel.default("dotdo").meta({ description: "Name of the Fly app, and FLY_APP_NAME of the pods." }),
    primaryRegion: Region.default("iad").meta({ description: "Region in which minMachinesRunning holds; one of regions." }),
    clusterRegion: Region.optional().meta({
      description: "FLY_REGION of the pods: the region that their cluster is nearest to. Default: primaryRegion.",
    }),
    regions: z
      .array(Region)
      .min(1, { error: "is empty: name the regions, the primary one among them" })
      .default(["iad", "lax", "fra", "sin"])
      .meta({ description: "Regions that have Machines; pod annotation fly.io/regions." }),
    machinesPerRegion: Positive.default(2).meta({ description: "Machines in each region." }),
    size: z
      .enum(Object.keys(SIZES) as [Size, ...Size[]])
      .default("shared-cpu-2x")
      .meta({ description: "Size of the Machines; pod annotation fly.io/machine-size, which tells and sets nothing." }),
    memoryMb: Positive.optional().meta({
      description: "Memory of a Machine in MiB. Default: the size's own, 256 a shared CPU, 2048 a performance CPU.",
    }),
    autoStop: z
      .enum(["off", "stop", "suspend"])
      .default("suspend")
      .meta({ description: "What Fly's proxy does with Machines that nobody needs; off also starts none." }),
    minMachinesRunning: Count.default(2).meta({ description: "Machines of the primary region that are never stopped." }),
    concurrency: Concurrency,
    check: Check,
    strategy: z
      .enum(["rolling", "canary", "bluegreen", "immediate"])
      .default("rolling")
      .meta({ description: "How `fly deploy` replaces Machines." }),
    releaseCommand: z.string().min(1).optional().meta({
      description: "Command that runs once before each deploy. Default: none; the chart's dist/migrate.js has no source.",
    }),
    h2Backend: flag(false, "Speak HTTP/2 without TLS to the container, whose server must know it. Today's image does not."),
    metricsPort: Port.optional().meta({
      description: "Port that Fly scrapes at prometheus.path. Default: not scraped; nothing in today's image listens for it.",
    }),
  })
  .superRefine((fly, context) => {
    const wrong = (path: string, message: string) => context.addIssue({ code: "custom", path: [path], message });
    if (!fly.regions.includes(fly.primaryRegion)) {
      wrong("primaryRegion", `${fly.primaryRegion} is not among fly.regions (${fly.regions.join(", ")}): add it there or name one of them`);
    }
    if (new Set(fly.regions).size < fly.regions.length) wrong("regions", "names a region twice: name each once");
    if (fly.minMachinesRunning > fly.machinesPerRegion) {
      wrong(
        "minMachinesRunning",
        `${fly.minMachinesRunning} is more than the primary region has (fly.machinesPerRegion is ${fly.machinesPerRegion}): lower it or raise machinesPerRegion`,
      );
    }
    const { least, most, step } = memoryOf(fly.size);
    const { memoryMb = least } = fly;
    if (memoryMb < least || memoryMb > most || memoryMb % step !== 0) {
      wrong("memoryMb", `${memoryMb} cannot be had with ${fly.size}: write ${least} to ${most}, in steps of ${step}`);
    }
  })
  .prefault({})
  .meta({ description: "Fly Machines beside the cluster." });
export type Fly = z.output<typeof Fly>;

/** Memory of a Machine, in MiB. */
export const memoryMbOf = ({ size, memoryMb }: Fly): number => memoryMb ?? memoryOf(size).least;

import * as z from "zod";
import { Annotations, Count, HttpProbe, ImageParts, Port, Positive, Resources, flag, text } from "../kubernetes/options";

/** Options of the seven workloads. Resources are those of the table in seed 002, probes those of contract 3.2. */

const image = (repository: string) => ImageParts(repository).prefault({});

/** An image that others make, in a version that is known to fit. */
const publicImage = (repository: string, tag: string) =>
  ImageParts(repository)
    .safeExtend({
      tag: text(/^[\w][\w.-]{0,127}$/, "image tag")
        .default(tag)
        .meta({ description: "Tag of the image." }),
    })
    .prefault({})
    .meta({ description: "Image of the container." });

const service = (port: number) =>
  z
    .strictObject({
      port: Port.default(port).meta({ description: "Port of the Service; the container's own is fixed." }),
      annotations: Annotations.default({}).meta({ description: "Annotations of the Service." }),
    })
    .prefault({})
    .meta({ description: "Service inside the cluster." });

const resources = (cpu: [string, string], memory: [string, string]) =>
  Resources({ cpu: cpu[0], memory: memory[0] }, { cpu: cpu[1], memory: memory[1] });

const PERCENT = Positive.max(100, { error: "is no share: write 1 to 100" });
const target = (value: number | null, what: string) =>
  PERCENT.nullable()
    .default(value)
    .meta({ description: `${what} in % of the request that the HPA aims at; null leaves it out.` });

/** A service of several pods behind an HPA; bounds of seed 002, "Resource Allocation". */
const scaled = (minReplicas: number, maxReplicas: number, memory: number | null) => ({
  replicaCount: Positive.default(minReplicas).meta({ description: "Number of pods, when autoscaling is off." }),
  autoscaling: z
    .strictObject({
      enabled: flag(true, "Whether an HPA sets the number of pods."),
      minReplicas: Positive.default(minReplicas).meta({ description: "Fewest pods." }),
      maxReplicas: Positive.default(maxReplicas).meta({ description: "Most pods." }),
      targetCPUUtilizationPercentage: target(70, "CPU use"),
      targetMemoryUtilizationPercentage: target(memory, "Memory use"),
    })
    .superRefine((scaling, context) => {
      const { enabled, minReplicas, maxReplicas } = scaling;
      const wrong = (path: string, message: string) => context.addIssue({ code: "custom", path: [path], message });
      if (minReplicas > maxReplicas) {
        wrong("minReplicas", `${minReplicas} is more than maxReplicas (${maxReplicas}): lower it or raise maxReplicas`);
      }
      if (enabled && scaling.targetCPUUtilizationPercentage === null && scaling.targetMemoryUtilizationPercentage === null) {
        wrong("enabled", "has no metric to scale by: set a target or set it to false");
      }
    })
    .prefault({})
    .meta({ description: "Horizontal pod autoscaler." }),
  podDisruptionBudget: z
    .strictObject({
      enabled: flag(true, "Whether there is a PodDisruptionBudget; none is made where all pods share one node."),
      minAvailable: Positive.default(1).meta({ description: "Pods that a node drain must leave." }),
    })
    .prefault({})
    .meta({ description: "How many pods a node drain may take at once." }),
});

/** A drain must be able to take at least one pod. */
const checkBudget = (
  options: {
    replicaCount: number;
    autoscaling: { enabled: boolean; minReplicas: number };
    podDisruptionBudget: { enabled: boolean; minAvailable: number };
  },
  context: z.RefinementCtx,
): void => {
  const { autoscaling, podDisruptionBudget: budget } = options;
  const [fewest, key] = autoscaling.enabled ? [autoscaling.minReplicas, "autoscaling.minReplicas"] : [options.replicaCount, "replicaCount"];
  if (budget.enabled && budget.minAvailable >= fewest) {
    context.addIssue({
      code: "custom",
      path: ["podDisruptionBudget", "minAvailable"],
      message: `${budget.minAvailable} of ${fewest} pods (${key}) must stay, so no node could ever be drained: lower it, raise ${key}, or set podDisruptionBudget.enabled to false`,
    });
  }
};

const probes = (path: string, live: number, ready: number) => ({
  livenessProbe: HttpProbe(
    { path, initialDelaySeconds: live, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 },
    "A container that fails it is restarted.",
  ),
  readinessProbe: HttpProbe(
    { path, initialDelaySeconds: ready, periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 3 },
    "A pod that fails it gets no requests.",
  ),
});

const command = (...words: string[]) =>
  z
    .array(z.string().min(1))
    .min(1, { error: "is empty: name the program" })
    .default(words)
    .meta({ description: "Program of the image and its arguments." });

const job = {
  backoffLimit: Count.default(3).meta({ description: "Failed tries after which the Job has failed." }),
  activeDeadlineSeconds: Positive.default(3600).meta({ description: "Seconds after which the Job has failed, all tries together." }),
};

/** Ether that fits into the 8 bytes of a database entry, which counts wei: 2^64 wei are 18.4 ether. */
const MOST_ETHER = 18;
const ETHER = {
  error: ({ input }: { readonly input?: unknown }) =>
    `${JSON.stringify(input)} is no balance that fits into the database's 8 bytes of wei: write whole ether, 1 to ${MOST_ETHER} (10 is 1e19 wei)`,
};

export const EthMock = z
  .strictObject({
    image: publicImage("ghcr.io/foundry-rs/foundry", "v1.2.3"),
    accounts: Positive.optional().meta({ description: "Accounts that anvil makes. Default: config.dbSize." }),
    balance: z
      .number(ETHER)
      .min(1, ETHER)
      .max(MOST_ETHER, ETHER)
      .multipleOf(1, ETHER)
      .default(10)
      .meta({ description: "Balance of each account in ether, which is what anvil takes." }),
    blockTime: Positive.default(12).meta({ description: "Seconds between blocks." }),
    startupSeconds: Positive.default(1800).meta({ description: "Seconds in which anvil must have made its accounts and listen." }),
    resources: resources(["1", "2"], ["2Gi", "4Gi"]),
    service: service(8545),
  })
  .prefault({})
  .meta({ description: "Anvil, in the place of an Ethereum node. Its chain is in memory and gone with the pod." });

export const DbGenerator = z
  .strictObject({
    image: image("ghcr.io/igor53627/plinko-db-generator"),
    command: command("/app/db-generator"),
    concurrency: Positive.default(10000).meta({ description: "Queries at a time (CONCURRENT_WORKERS)." }),
    ...job,
    resources: resources(["500m", "1"], ["1Gi", "2Gi"]),
  })
  .prefault({})
  .meta({ description: "Job that writes database.bin and address-mapping.bin." });

export const HintGenerator = z
  .strictObject({
    image: image("ghcr.io/igor53627/plinko-hint-generator"),
    command: command("/app/generate-hint.sh"),
    ...job,
    resources: resources(["1", "2"], ["2Gi", "4Gi"]),
  })
  .prefault({})
  .meta({ description: "Job that writes hint.bin." });

export const UpdateService = z
  .strictObject({
    image: image("ghcr.io/igor53627/plinko-update-service"),
    ...probes("/health", 30, 20),
    startupProbe: HttpProbe(
      { path: "/health", initialDelaySeconds: 0, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 60 },
      "Until it passes the other probes wait: the program builds its cache before it listens.",
    ),
    resources: resources(["250m", "500m"], ["512Mi", "1Gi"]),
    service: service(3001),
  })
  .prefault({})
  .meta({ description: "Follows the chain and writes deltas." });

export const PirServer = z
  .strictObject({
    image: image("ghcr.io/igor53627/plinko-pir-server"),
    ...scaled(2, 20, 80),
    ...probes("/health", 30, 20),
    resources: resources(["500m", "1"], ["1Gi", "2Gi"]),
    service: service(3000),
  })
  .superRefine(checkBudget)
  .prefault({})
  .meta({ description: "Answers private queries." });

export const CdnMock = z
  .strictObject({
    image: publicImage("docker.io/library/nginx", "1.28.0-alpine"),
    ...scaled(2, 10, null),
    ...probes("/health", 10, 5),
    cacheMaxAge: Count.default(3600).meta({ description: "Seconds for which clients may keep hints, deltas and the address mapping." }),
    gzip: z
      .strictObject({
        enabled: flag(true, "Compress what is not asked for in ranges."),
        level: z.int().min(1).max(9, { error: "is no level of gzip: write 1 to 9" }).default(6).meta({ description: "Effort, 1 to 9." }),
      })
      .prefault({})
      .meta({ description: "Compression." }),
    resources: resources(["100m", "250m"], ["128Mi", "256Mi"]),
    service: service(8080),
  })
  .superRefine(checkBudget)
  .prefault({})
  .meta({ description: "nginx that serves hints, deltas and the address mapping." });

const url = (description: string) =>
  z
    .string()
    .regex(/^(https?:\/\/[^\s"'|&\\]+|\/[^\s"'|&\\]*)$/, {
      error: ({ input }) => `"${String(input)}" is no address: write http://…, https://… or a path, without spaces and quotes`,
    })
    .optional()
    .meta({ description });

export const RabbyWallet = z
  .strictObject({
    image: image("ghcr.io/igor53627/plinko-rabby-wallet"),
    ...scaled(2, 5, null),
    ...probes("/", 10, 5),
    fallbackRpc: url("Address of an Ethereum node that browsers can reach (VITE_FALLBACK_RPC). Default: what the image was built with."),
    pirServerUrl: url("VITE_PIR_SERVER_URL. Baked in when the image is built, as /api: today's image does not read it."),
    cdnUrl: url("VITE_CDN_URL. Baked in when the image is built, as /cdn: today's image does not read it."),
    resources: resources(["100m", "250m"], ["128Mi", "256Mi"]),
    service: service(80),
  })
  .superRefine(checkBudget)
  .prefault({})
  .meta({ description: "Wallet in the browser, and the way from it to PIR server and CDN." });

export const Tools = z
  .strictObject({ image: publicImage("docker.io/library/busybox", "1.37.0") })
  .prefault({})
  .meta({ description: "Image with a POSIX shell, od and wget, for what runs before and after the programs." });

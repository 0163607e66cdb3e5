import * as z from "zod";
import { AbsolutePath, Annotations, DnsLabel, Image, Labels, Positive, Quantity, Resources, flag } from "../kubernetes/options";
import { EitherProbe } from "../kubernetes/probe-options";
import { Service } from "./edge-options";
import { Secrets, VARIABLE } from "./secret-options";

/** The three workloads, and how many pods they have. */

/** Ports that the programs listen on: the API's is fixed in its command, web's by its PORT. */
export const API_PORT = 8000;
export const WEB_PORT = 3000;
/** Working folder of both images. */
export const APP = "/app";
/** Where the API keeps signing keys, unless AUTH_KEY_STORAGE_PATH says otherwise. */
export const KEYS = `${APP}/var/keys`;

const Env = z
  .record(
    z.string(),
    z.union([z.string(), z.number(), z.boolean()], { error: "is no value of a variable: write text, a number, true or false" }),
  )
  .superRefine((env, context) => {
    for (const name of Object.keys(env).filter((name) => !VARIABLE.test(name))) {
      context.addIssue({
        code: "custom",
        path: [name],
        message: `"${name}" is no name of a variable: use letters, digits and _, no digit first`,
      });
    }
  })
  .default({})
  .meta({ description: "Variables that are no secret, name to value." });

/** What the three have in common. */
const common = (writable: string[]) => ({
  pullPolicy: z.enum(["IfNotPresent", "Always", "Never"]).default("IfNotPresent").meta({ description: "When a node pulls the image." }),
  env: Env,
  secrets: Secrets,
  secretName: DnsLabel.optional().meta({
    description: "Name of the Secret that is made; where no keys are given, of one that exists, of which every key becomes a variable.",
  }),
  replicaCount: Positive.default(1).meta({ description: "Number of pods, where no HPA sets it." }),
  resources: Resources({ cpu: "250m", memory: "512Mi" }, { cpu: "1000m", memory: "1Gi" }),
  podLabels: Labels.default({}).meta({ description: "Further labels of the pods." }),
  podAnnotations: Annotations.default({}).meta({ description: "Further annotations of the pods." }),
  writablePaths: z.array(AbsolutePath).default(writable).meta({ description: "Folders that the container may write, each an emptyDir." }),
  writableSize: Quantity.default("1Gi").meta({ description: "Most that each of writablePaths may hold." }),
});

const usual = { initialDelaySeconds: 0, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 };
/** The database check behind readiness may take 5 s (contract 4.1). */
const patient = { ...usual, timeoutSeconds: 6 };
/** Five minutes. */
const starting = { ...patient, failureThreshold: 30 };

const apiProbes = {
  livenessProbe: EitherProbe("http", { path: "/health", ...usual }, "A container that fails it is restarted. /health asks no database."),
  readinessProbe: EitherProbe("http", { path: "/health/ready", ...patient }, "A pod that fails it gets no requests. It asks the database."),
  startupProbe: EitherProbe(
    "http",
    { path: "/health", ...starting },
    "Until it passes the other probes wait. Five minutes; it asks no database, whose failure would restart every pod that starts.",
  ),
};

export const Api = z
  .strictObject({ image: Image, ...common(["/tmp", KEYS]), service: Service(API_PORT), ...apiProbes })
  .meta({ description: "The API." });

export const Web = z
  .strictObject({
    image: Image,
    ...common(["/tmp", `${APP}/.next/cache`]),
    service: Service(WEB_PORT),
    livenessProbe: EitherProbe(
      "tcp",
      { path: "/api/health", ...usual },
      "A container that fails it is restarted. /api/health asks the API, whose failure would restart all of web.",
    ),
    readinessProbe: EitherProbe(
      "http",
      { path: "/api/health/ready", ...patient },
      "A pod that fails it gets no requests. It asks the API, which asks the database.",
    ),
    startupProbe: EitherProbe("tcp", { path: "/api/health", ...starting }, "Until it passes the other probes wait. Five minutes."),
  })
  .meta({ description: "The web app, which is all that browsers talk to." });

export const Worker = z
  .strictObject({
    enabled: flag(false, "Run billing retries and the replay of billing events in a workload of their own."),
    image: Image.optional().meta({ description: "Image with its tag. Default: that of the API." }),
    ...common(["/tmp", KEYS]),
    ...apiProbes,
  })
  .prefault({})
  .meta({ description: "The worker: the API's program with its variables, those given here, and nobody who calls it." });

const Scaling = (component: string) =>
  z
    .strictObject({
      enabled: flag(true, "Whether an HPA sets the number of pods; autoscaling.enabled must be on, too."),
      minReplicas: Positive.default(2).meta({ description: "Fewest pods." }),
      maxReplicas: Positive.default(10).meta({ description: "Most pods." }),
    })
    .refine(({ minReplicas, maxReplicas }) => minReplicas <= maxReplicas, {
      path: ["minReplicas"],
      error: "is more than maxReplicas: lower it or raise maxReplicas",
    })
    .prefault({})
    .meta({ description: `Pods of ${component}.` });

const PERCENT = { error: "is no share: write 1 to 100" };
export const Autoscaling = z
  .strictObject({
    enabled: flag(true, "Whether HPAs set the number of pods of API and web. The worker is never scaled."),
    targetCPUUtilizationPercentage: Positive.max(100, PERCENT).default(80).meta({ description: "CPU use in % of the request." }),
    api: Scaling("the API"),
    web: Scaling("web"),
  })
  .prefault({})
  .meta({ description: "Horizontal pod autoscalers." });

export const Migrations = z
  .strictObject({
    enabled: flag(true, "Migrate the database in a Job of each release, before its pods; one that fails stops the release."),
    command: z
      .array(z.string().min(1))
      .min(1, { error: "is empty: name the program and its arguments" })
      .default(["starter-console", "release", "db"])
      .meta({ description: "Program and arguments, in the API's image." }),
    skipWhenAhead: flag(
      true,
      "Leave a database as it is whose Alembic revision the image does not know: it was migrated by a newer image, and this is a rollback.",
    ),
    backoffLimit: z.int().min(0).default(3).meta({ description: "How often a run that failed is tried again." }),
    activeDeadlineSeconds: Positive.default(900).meta({ description: "Seconds after which the Job has failed." }),
    resources: Resources({ cpu: "100m", memory: "256Mi" }, { cpu: "1000m", memory: "1Gi" }),
  })
  .prefault({})
  .meta({ description: "Migration of the database." });

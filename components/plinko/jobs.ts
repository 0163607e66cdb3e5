import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { containerSecurityOf } from "../kubernetes/security";
import { podOf } from "../kubernetes/workload";
import { hashIn } from "./data";
import { envOf, folder, placementOf, running, stepOf, volumeOf, waitStep, wholeVolume } from "./pods";
import { metadataOf, Plan, selectorFor } from "./plan";
import { GENERATE, Kind, prepare, publish, shell, WAIT_RPC } from "./scripts";

/**
 * Jobs that make a generation of the data. Each is named by the hash of what it makes: other inputs are another Job, and the same inputs are
 * one that has run, and whose objects stay (no TTL), so that neither refresh nor time brings it back. If someone deletes it, its successor finds the
 * generation whole and ends.
 *
 * A try that fails is a new pod, not a restarted container: it begins with an empty folder.
 */
const jobOf = (
  plan: Plan,
  part: "db-generator" | "hint-generator",
  kind: Kind,
  claim: pulumi.Input<string>,
  steps: ReturnType<typeof stepOf>[],
  env: { name: string; value: string }[],
) => {
  const { options, data } = plan;
  const { runAsUser, runAsGroup, fsGroup } = options.security;
  const { image, command, resources, backoffLimit, activeDeadlineSeconds } =
    part === "db-generator" ? options.dbGenerator : options.hintGenerator;
  const metadata = metadataOf(plan, part);
  return {
    metadata: {
      ...metadata,
      name: `${metadata.name}-${hashIn(data[kind])}`,
      // one that has failed is made anew by the next up
      annotations: { "pulumi.com/replaceUnready": "true" },
    },
    spec: {
      backoffLimit,
      activeDeadlineSeconds,
      // never two that write into one folder
      podReplacementPolicy: "Failed",
      template: {
        metadata: { labels: { ...selectorFor(plan, part), "app.kubernetes.io/part-of": "stackyard", ...data.label } },
        spec: podOf(
          { runAsUser, runAsGroup, fsGroup },
          {
            ...placementOf(plan, part, true),
            restartPolicy: "Never",
            initContainers: [
              ...steps,
              stepOf(plan, "prepare", prepare(kind, data), [wholeVolume(false)]),
              {
                name: part,
                ...running(image),
                command: shell(GENERATE, "generate", ...command),
                env,
                resources,
                securityContext: containerSecurityOf(),
                volumeMounts: [folder(`${data[kind]}.part`, false)],
              },
            ],
            containers: [stepOf(plan, "publish", publish(kind, data), [wholeVolume(false)])],
            volumes: [volumeOf(claim)],
          },
        ),
      },
    },
  } satisfies k8s.batch.v1.JobArgs;
};

/** Asks anvil for every account: database.bin and address-mapping.bin. */
export const dbGeneratorOf = (plan: Plan, claim: pulumi.Input<string>) => {
  const { config, dbGenerator } = plan.options;
  const env = envOf({ DB_SIZE: config.dbSize, RPC_URL: rpcUrlOf(plan), CONCURRENT_WORKERS: dbGenerator.concurrency });
  const rpc = stepOf(plan, "wait-for-eth-mock", shell(WAIT_RPC, "wait", rpcUrlOf(plan), 5));
  return jobOf(plan, "db-generator", "database", claim, [rpc], env);
};

/** Makes hint.bin of the database. */
export const hintGeneratorOf = (plan: Plan, claim: pulumi.Input<string>) => {
  const { config } = plan.options;
  const env = envOf({ DB_SIZE: config.dbSize, CHUNK_SIZE: config.chunkSize });
  return jobOf(plan, "hint-generator", "serving", claim, [waitStep(plan, "database")], env);
};

/** Address of anvil for the programs. */
export const rpcUrlOf = (plan: Plan): string => `http://${metadataOf(plan, "eth-mock").name}:${plan.options.ethMock.service.port}`;

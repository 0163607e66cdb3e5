import type * as k8s from "@pulumi/kubernetes";
import { accountNameOf } from "../kubernetes/account";
import { containerSecurityOf } from "../kubernetes/security";
import { scratchOf } from "../kubernetes/volumes";
import { podOf } from "../kubernetes/workload";
import { ownEnvOf } from "./env";
import { KEYS } from "./pod-options";
import { containerEnvOf } from "./pods";
import { metadataOf, Plan, selectorFor } from "./plan";
import { digest, SecretUse } from "./secrets";

/**
 * Runs its arguments, unless the database is at a revision that this image does not know: a newer image has migrated it, and
 * Alembic could only fail on it. Whatever else Alembic says, the arguments run and tell.
 */
export const MIGRATE = `if known=$(alembic current 2>&1); then :; else
  case $known in
    *"Can't locate revision"*)
      echo "the database was migrated by a newer image: nothing to do"
      exit 0 ;;
  esac
fi
exec "$@"`;

/** Tag of an image, or its digest, as a part of a name. */
const releaseOf = (image: string): string =>
  (image.split("@")[0]!.split("/").pop()!.split(":")[1] ?? image.split("@sha256:")[1] ?? "").toLowerCase().replace(/[^a-z0-9]+/g, "-");

/** `<name>-migrate-<tag>-<hash>`: another for each image and command, and the same again for one that comes back. */
export const migrationNameOf = ({ name, options }: Plan): string => {
  const { command, skipWhenAhead } = options.migrations;
  const start = `${name}-migrate`;
  const end = digest([options.api.image, command, skipWhenAhead]).slice(0, 8);
  const release = releaseOf(options.api.image)
    .slice(0, 63 - start.length - end.length - 2)
    .replace(/^-+|-+$/g, "");
  return [start, release, end].filter((part) => part !== "").join("-");
};

/** The Job that migrates the database for one release. It stays until the next one, so that a refresh finds it. */
export const migrationOf = (plan: Plan, secret?: SecretUse) => {
  const { options } = plan;
  const { command, skipWhenAhead, backoffLimit, activeDeadlineSeconds, resources } = options.migrations;
  const { readOnlyRootFilesystem, ...user } = options.securityContext;
  const metadata = metadataOf(plan, "migration");
  const scratch = scratchOf(["/tmp", KEYS], options.api.writableSize);
  const annotations: Record<string, string> = {
    "pulumi.com/timeoutSeconds": `${activeDeadlineSeconds + 60}`,
    // one that has failed is run again by the next try, not waited for
    "pulumi.com/replaceUnready": "true",
  };
  return {
    metadata: { ...metadata, name: migrationNameOf(plan), annotations },
    spec: {
      backoffLimit,
      activeDeadlineSeconds,
      template: {
        metadata: { labels: { ...metadata.labels, ...selectorFor(plan, "migration") } },
        spec: podOf(user, {
          serviceAccountName: accountNameOf(options.serviceAccount, plan.name),
          imagePullSecrets: options.imagePullSecrets.map((name) => ({ name })),
          // each try is a pod of its own, whose log stays
          restartPolicy: "Never",
          containers: [
            {
              name: "migrate",
              image: options.api.image,
              imagePullPolicy: options.api.pullPolicy,
              command: skipWhenAhead ? ["/bin/sh", "-c", MIGRATE, "migrate", ...command] : command,
              ...containerEnvOf(ownEnvOf(plan, "api"), secret),
              resources,
              securityContext: containerSecurityOf(readOnlyRootFilesystem),
              volumeMounts: scratch.mounts,
            },
          ],
          volumes: scratch.volumes,
        }),
      },
    },
  } satisfies k8s.batch.v1.JobArgs;
};

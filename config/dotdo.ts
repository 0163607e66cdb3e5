import * as z from "zod";
import { LibSqlOptions, MinIOOptions, RedisOptions } from "../components/backing/options";
import { dotdoChartRefusals, DotdoChartSource } from "../components/dotdo/chart-options";
import { whyNotShared } from "../components/dotdo/env-options";
import { checkDotdo, DotdoShape, SECRET_KEYS, type DotdoSecret } from "../components/dotdo/options";
import { RemoteKey } from "../components/kubernetes/external-secret-options";
import { hasVersion, NO_VERSION, UnnamedImage } from "../components/kubernetes/options";
import { ExternalSecrets } from "./external-secrets";
import { Quota } from "./quota";
import { SecretName } from "./secret-name";
import { StackName } from "./stack-name";

const secretNames = Object.fromEntries(Object.keys(SECRET_KEYS).map((field) => [field, SecretName.optional()])) as Record<
  DotdoSecret,
  z.ZodOptional<typeof SecretName>
>;

const remoteKeys = Object.fromEntries(Object.keys(SECRET_KEYS).map((field) => [field, RemoteKey.optional()])) as Record<
  DotdoSecret,
  z.ZodOptional<typeof RemoteKey>
>;

const External = ExternalSecrets.extend({
  data: z
    .strictObject(remoteKeys)
    .refine((data) => Object.keys(data).length > 0, { error: "names no secret: map those that dotdo is to have" })
    .meta({ description: "What the Secret holds: name of the secret to its identifier at the provider." }),
}).meta({ description: "Let the External Secrets operator make the Secret of dotdo." });

const Backing = z
  .strictObject({
    libsql: LibSqlOptions.optional().meta({ description: "libSQL server. Sets TURSO_URL." }),
    minio: MinIOOptions.optional().meta({ description: "MinIO with its bucket. Sets R2_ENDPOINT, R2_BUCKET and the two R2 keys." }),
    redis: RedisOptions.optional().meta({ description: "Redis. Sets REDIS_URL and its password." }),
  })
  .prefault({})
  .meta({ description: "Data services deployed beside dotdo, for development: one pod each, no backup. `{}` takes all defaults." });

/** What each data service sets, so that nobody else may. */
export const SET_BY = {
  libsql: { env: ["TURSO_URL"], secrets: [] },
  minio: { env: ["R2_ENDPOINT", "R2_BUCKET"], secrets: ["r2AccessKey", "r2SecretKey"] },
  redis: { env: ["REDIS_URL"], secrets: ["redisPassword"] },
} as const;

/** Section `stackyard:dotdo`: the options of dotdo, the names of its secrets, and the data services beside it. */
export const DotdoSection = DotdoShape.extend({
  // what a section does not say of it, another stack may
  image: UnnamedImage("ghcr.io/dot-do/dotdo").prefault({}),
  sharedFrom: StackName("prod").optional().meta({
    description: "Stack whose dotdo this is another home of: image, variables and secrets that are not said here are taken from it.",
  }),
  secrets: DotdoShape.shape.secrets
    .unwrap()
    .extend(secretNames)
    .prefault({})
    .meta({ description: "Secrets: the names under which stackyard:secrets has them, or a Secret that exists." }),
  externalSecrets: External.optional(),
  quota: Quota.optional(),
  backing: Backing,
  chart: DotdoChartSource,
})
  .superRefine(checkDotdo)
  .superRefine((section, context) => {
    const { backing, env, secrets, externalSecrets, chart } = section;
    for (const { path, message, remedy } of chart ? dotdoChartRefusals(section) : [])
      context.addIssue({ code: "custom", path, message, params: { remedy } });
    if (section.sharedFrom === undefined && !hasVersion(section.image))
      context.addIssue({ code: "custom", path: ["image", "tag"], message: NO_VERSION });
    const wrong = (path: string[], message: string) => context.addIssue({ code: "custom", path, message, params: { remedy: "remove" } });
    for (const service of section.fly.enabled ? Object.keys(SET_BY) : []) {
      if (backing[service as keyof typeof SET_BY] !== undefined)
        wrong(["backing", service], "cannot be reached from Fly Machines: leave it out, or set fly.enabled to false");
    }
    for (const [service, sets] of Object.entries(SET_BY)) {
      if (backing[service as keyof typeof SET_BY] === undefined) continue;
      for (const name of sets.env) if (env[name]) wrong(["env", name], `is set by backing.${service}: leave one of them out`);
      for (const name of sets.secrets) if (secrets[name]) wrong(["secrets", name], `is set by backing.${service}: leave one of them out`);
      if (secrets.existingSecret) wrong(["secrets", "existingSecret"], `would hide what backing.${service} sets: leave one of them out`);
      if (externalSecrets) wrong(["externalSecrets"], `would hide what backing.${service} sets: leave one of them out`);
    }
    if (externalSecrets && secrets.existingSecret)
      wrong(["secrets", "existingSecret"], "is not used beside externalSecrets, which makes one: leave one of them out");
    const whole = secrets.existingSecret ? "secrets.existingSecret" : externalSecrets ? "externalSecrets" : undefined;
    const unused = (Object.keys(SECRET_KEYS) as DotdoSecret[]).filter((field) => whole !== undefined && secrets[field]);
    for (const field of unused) wrong(["secrets", field], `is not used beside ${whole}, which has all: leave one of them out`);
  })
  .meta({ description: "dotdo: its options, the names of its secrets, and the data services beside it." });

export type DotdoSection = z.output<typeof DotdoSection>;

/** Variables that are the same at every home of dotdo, as far as its section says them and they mean something elsewhere. */
export function sharedEnvOf({ env }: Pick<DotdoSection, "env">) {
  const { TURSO_URL, R2_ENDPOINT, R2_BUCKET, REDIS_URL, DO_IDLE_TIMEOUT, DO_RPC_TIMEOUT } = env;
  const addresses = Object.entries({ TURSO_URL, R2_ENDPOINT, REDIS_URL }).filter(([, at]) => at !== "" && whyNotShared(at) === undefined);
  return { ...Object.fromEntries(addresses), ...(R2_BUCKET !== "" && { R2_BUCKET }), DO_IDLE_TIMEOUT, DO_RPC_TIMEOUT };
}

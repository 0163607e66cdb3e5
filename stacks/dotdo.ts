import type * as pulumi from "@pulumi/pulumi";
import { LibSql, MinIO, Redis } from "../components/backing";
import { Dotdo, type DotdoArgs } from "../components/dotdo";
import { DotdoChart } from "../components/dotdo/chart";
import { SECRET_KEYS, type DotdoSecret } from "../components/dotdo/options";
import { givenSection, secretOf, sectionOf, type DotdoSection } from "../config";
import { completed, offeredBy } from "./dotdo-shared";
import { externalSecret } from "./external-secret";
import { servedBy, type Deploy, type Deployed, type LayerContext, type Questions } from "./layer";
import { keptClaims, limit, sharedNamespace } from "./namespace";

const NAME = "dotdo";
/** The Secret that the External Secrets operator makes. */
const EXTERNAL_SECRET = "dotdo-secrets";

type Secrets = Readonly<Partial<Record<DotdoSecret, pulumi.Output<string>>>>;

/**
 * Layer `dotdo`, with what it has in common with another home of the same dotdo where its section names one.
 *
 * @throws Refusal, before anything is planned, where that other stack does not share what is needed
 */
export async function prepareDotdo({ stack, read }: Questions, section: DotdoSection): Promise<Deploy> {
  if (section.sharedFrom === undefined) return (context) => deployDotdo(context, section, {});
  const { dotdo, secrets } = await read(section.sharedFrom, ["dotdo"]);
  const there = secrets?.dotdo ?? {};
  const names = (Object.keys(there) as DotdoSecret[]).filter((name) => there[name] !== undefined);
  const taken = completed(stack, givenSection(NAME), { ...dotdo, stack: section.sharedFrom, secrets: names });
  const complete = sectionOf(stack, NAME, taken.given);
  const values = Object.fromEntries(taken.secrets.map((name) => [name, there[name]])) as Secrets;
  return (context) => deployDotdo(context, complete, values);
}

/** Its namespace, the data services that its section asks for, and dotdo with what they give it. */
function deployDotdo(context: LayerContext, section: DotdoSection, taken: Secrets): Deployed {
  const { backing, namespace: wanted, secrets, externalSecrets, quota, chart, ...options } = section;
  const { create, existingSecret = externalSecrets && EXTERNAL_SECRET, ...names } = secrets;
  const holdsData = Object.values(backing).some((service) => service !== undefined);
  const { namespace, kept } = sharedNamespace(NAME, context, wanted, holdsData);
  const before = [...context.operators, ...limit(NAME, namespace, quota, { provider: context.provider })];
  const opts = { provider: context.provider, dependsOn: before };
  const own = valuesOf(names);

  const libsql = backing.libsql && new LibSql(`${NAME}-libsql`, { ...backing.libsql, namespace }, opts);
  const minio = backing.minio && new MinIO(`${NAME}-minio`, { ...backing.minio, namespace }, opts);
  const redis = backing.redis && new Redis(`${NAME}-redis`, { ...backing.redis, namespace }, opts);

  if (externalSecrets) {
    const data = Object.fromEntries(Object.entries(externalSecrets.data).map(([field, ref]) => [SECRET_KEYS[field as DotdoSecret], ref]));
    externalSecret(`${NAME}-external-secret`, { name: EXTERNAL_SECRET, namespace }, externalSecrets, data, opts);
  }

  const args: Omit<DotdoArgs, "transform"> = {
    ...options,
    namespace: { create: false, name: namespace },
    env: {
      ...options.env,
      ...(libsql && { TURSO_URL: libsql.url }),
      ...(minio && { R2_ENDPOINT: minio.url, R2_BUCKET: minio.bucket }),
      ...(redis && { REDIS_URL: redis.url }),
    },
    secrets: { create, existingSecret },
    existingKeys: externalSecrets && (Object.keys(externalSecrets.data) as DotdoSecret[]),
    secretValues: {
      ...taken,
      ...own,
      ...(minio && { r2AccessKey: minio.accessKey, r2SecretKey: minio.secretKey }),
      ...(redis && { redisPassword: redis.password }),
    },
    connectsTo: [libsql, minio, redis].flatMap((service) => service?.reachable ?? []),
  };
  const dotdo = chart ? new DotdoChart(NAME, { ...args, chart }, opts) : new Dotdo(NAME, args, opts);

  const claims = [libsql, minio, redis].flatMap((service) => service?.claim ?? []);
  return {
    outputs: {
      url: dotdo.url,
      hosts: dotdo.hostUrls,
      namespace: dotdo.namespace,
      service: dotdo.service,
      headlessService: dotdo.headless,
      ...offeredBy(section),
    },
    secrets: own,
    served: [servedBy(section.ingress, dotdo.hostUrls, dotdo.address)],
    kept: [...kept, ...keptClaims(namespace, claims)],
  };
}

/** The values of the secrets that a section names. */
const valuesOf = (names: Partial<Record<DotdoSecret, string>>): Secrets =>
  Object.fromEntries(
    (Object.keys(SECRET_KEYS) as DotdoSecret[]).flatMap((field) => {
      const name = names[field];
      return name === undefined ? [] : [[field, secretOf(name)]];
    }),
  );

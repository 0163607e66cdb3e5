import type * as pulumi from "@pulumi/pulumi";
import { LibSql, MinIO, Redis } from "../components/backing";
import { Dotdo, type DotdoArgs } from "../components/dotdo";
import { DotdoChart } from "../components/dotdo/chart";
import { SECRET_KEYS, type DotdoSecret } from "../components/dotdo/options";
import { secretOf, type DotdoSection } from "../config";
import { externalSecret } from "./external-secret";
import { servedBy, type Deployed, type LayerContext } from "./layer";
import { keptClaims, limit, sharedNamespace } from "./namespace";

const NAME = "dotdo";
/** The Secret that the External Secrets operator makes. */
const EXTERNAL_SECRET = "dotdo-secrets";

/** Layer `dotdo`: its namespace, the data services that its section asks for, and dotdo with what they give it. */
export function deployDotdo(context: LayerContext, section: DotdoSection): Deployed {
  const { backing, namespace: wanted, secrets, externalSecrets, quota, chart, ...options } = section;
  const { create, existingSecret = externalSecrets && EXTERNAL_SECRET, ...names } = secrets;
  const holdsData = Object.values(backing).some((service) => service !== undefined);
  const { namespace, kept } = sharedNamespace(NAME, context, wanted, holdsData);
  const opts = { provider: context.provider };
  limit(NAME, namespace, quota, opts);

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
      ...valuesOf(names),
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
    },
    served: [servedBy(section.ingress, dotdo.hostUrls, dotdo.address)],
    kept: [...kept, ...keptClaims(namespace, claims)],
  };
}

/** The values of the secrets that a section names. */
const valuesOf = (names: Partial<Record<DotdoSecret, string>>): Partial<Record<DotdoSecret, pulumi.Output<string>>> =>
  Object.fromEntries(
    (Object.keys(SECRET_KEYS) as DotdoSecret[]).flatMap((field) => {
      const name = names[field];
      return name === undefined ? [] : [[field, secretOf(name)]];
    }),
  );

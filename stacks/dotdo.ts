import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { LibSql, MinIO, Redis } from "../components/backing";
import { Dotdo } from "../components/dotdo";
import { SECRET_KEYS, type DotdoSecret } from "../components/dotdo/options";
import { namespaceOf } from "../components/kubernetes/namespace";
import { secretOf, type DotdoSection } from "../config";
import type { LayerContext } from "./layer";

const NAME = "dotdo";

/** Layer `dotdo`: its namespace, the data services that its section asks for, and dotdo with what they give it. */
export function deployDotdo({ provider, protect }: LayerContext, section: DotdoSection) {
  const { backing, namespace: wanted, secrets, ...options } = section;
  const { create, existingSecret, ...names } = secrets;
  const opts = { provider };
  const holdsData = Object.values(backing).some((service) => service !== undefined);

  const name = wanted.name ?? NAME;
  const labels = { "app.kubernetes.io/part-of": "stackyard", ...wanted.labels };
  // a claim goes with its namespace, so both are kept
  const made =
    wanted.create &&
    new k8s.core.v1.Namespace(`${NAME}-namespace`, namespaceOf(name, labels, wanted.podSecurity), {
      ...opts,
      protect,
      retainOnDelete: holdsData,
    });
  const namespace = made ? made.metadata.name : name;

  const libsql = backing.libsql && new LibSql(`${NAME}-libsql`, { ...backing.libsql, namespace }, opts);
  const minio = backing.minio && new MinIO(`${NAME}-minio`, { ...backing.minio, namespace }, opts);
  const redis = backing.redis && new Redis(`${NAME}-redis`, { ...backing.redis, namespace }, opts);

  const dotdo = new Dotdo(
    NAME,
    {
      ...options,
      namespace: { create: false, name: namespace },
      env: {
        ...options.env,
        ...(libsql && { TURSO_URL: libsql.url }),
        ...(minio && { R2_ENDPOINT: minio.url, R2_BUCKET: minio.bucket }),
        ...(redis && { REDIS_URL: redis.url }),
      },
      secrets: { create, existingSecret },
      secretValues: {
        ...valuesOf(names),
        ...(minio && { r2AccessKey: minio.accessKey, r2SecretKey: minio.secretKey }),
        ...(redis && { redisPassword: redis.password }),
      },
      connectsTo: [libsql, minio, redis].flatMap((service) => service?.reachable ?? []),
    },
    opts,
  );

  const claims = [libsql, minio, redis].flatMap((service) =>
    service ? { kind: "PersistentVolumeClaim", namespace, name: service.claim } : [],
  );
  return {
    outputs: {
      url: dotdo.url,
      hosts: dotdo.hostUrls,
      namespace: dotdo.namespace,
      service: dotdo.service,
      headlessService: dotdo.headless,
    },
    kept: holdsData && made ? [{ kind: "Namespace", name: namespace }, ...claims] : claims,
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

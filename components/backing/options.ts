import * as z from "zod";
import { DnsLabel, Image, Quantity, Resources } from "../kubernetes/options";

/**
 * Options of the small data services that stand behind a system in development: one pod, one claim, no backup, no failover.
 * Production names managed services instead.
 */
const common = (image: string, storage: string, memory: string) => ({
  image: Image.default(image),
  storage: Quantity.default(storage).meta({ description: "Size of the claim." }),
  storageClass: DnsLabel.optional().meta({ description: "Class of the claim. Default: the cluster's." }),
  resources: Resources({ cpu: "50m", memory: "64Mi" }, { cpu: "500m", memory }),
});

/** libSQL server (contract 1.8, turso-local). */
export const LibSqlOptions = z.strictObject(common("ghcr.io/tursodatabase/libsql-server:v0.24.32", "1Gi", "256Mi"));

/** MinIO (contract 1.8), the S3-compatible store. */
export const MinIOOptions = z.strictObject({
  ...common("quay.io/minio/minio:RELEASE.2025-09-07T16-13-09Z", "2Gi", "512Mi"),
  bucket: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/, {
      error: ({ input }) => `"${String(input)}" is no bucket name: use 3 to 63 of a-z, 0-9 and "-", no dash at either end`,
    })
    .default("dotdo-iceberg")
    .meta({ description: "Bucket that exists when the server is ready." }),
});

/** Redis (contract 1.8): writes an append-only file, and lets the least used keys go when memory is full. */
export const RedisOptions = z.strictObject({
  ...common("docker.io/library/redis:7.4.2-alpine", "1Gi", "384Mi"),
  maxMemory: z
    .string()
    .regex(/^\d+(mb|gb)$/, {
      error: ({ input }) => `"${String(input)}" is no Redis memory size: write a whole number with mb or gb, such as 256mb`,
    })
    .default("256mb")
    .meta({ description: "Memory for keys, as Redis writes it; below the memory limit." }),
});

/** Postgres (contract 4.3, 16 as in production). */
export const PostgresOptions = z.strictObject(common("docker.io/library/postgres:16.11-bookworm", "2Gi", "512Mi"));

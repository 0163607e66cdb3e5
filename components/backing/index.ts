export { LibSql, type LibSqlArgs } from "./libsql";
export { MinIO, type MinIOArgs } from "./minio";
export { Postgres, type PostgresArgs } from "./postgres";
export { Redis, type RedisArgs } from "./redis";

/** Annotation of a tenant's namespace: the id of the tenant that it was made for, or adopted by. */
export const TENANT = "stackyard.dev/tenant";

/** Pulumi project of the shards' stacks, beside that of the environments'. */
export const PROJECT = "stackyard-tenants";

/** Stack of a shard: `dev-0001`. */
export const stackNameOf = (environment: string, shard: number): string => `${environment}-${`${shard}`.padStart(4, "0")}`;

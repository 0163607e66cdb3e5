/** Annotation of a tenant's namespace: the id of the tenant that it was made for, or adopted by. */
export const TENANT = "stackyard.dev/tenant";

/** Annotation of a tenant's namespace: the shard's stack that has deployed its database. */
export const STACK = "stackyard.dev/stack";

/** Pulumi project of the shards' stacks, beside that of the environments'. */
export const PROJECT = "stackyard-tenants";

/** Stack of a shard: `dev-0001`. */
export const stackNameOf = (environment: string, shard: number): string => `${environment}-${`${shard}`.padStart(4, "0")}`;

/** Shard of a stack; nothing where it is none of this environment. */
export function shardOf(environment: string, stack: string): number | undefined {
  const shard = Number(stack.slice(environment.length + 1));
  return Number.isSafeInteger(shard) && stackNameOf(environment, shard) === stack ? shard : undefined;
}

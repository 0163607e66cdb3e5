import { sql, type Selectable } from "kysely";
import type { Queries } from "./database";
import type { Tables } from "./tables";

export type Tenant = Selectable<Tables["tenants"]>;
export type Operation = Selectable<Tables["operations"]>;
export type Backup = Selectable<Tables["backups"]>;
export type Shard = Selectable<Tables["shards"]>;

/** A shard that nobody works on. */
export const FREE = { run: null, host: null, pid: null, process: null, since: null };

/** The tenant that a user has now. */
export const tenantOfUser = (db: Queries, user: string): Promise<Tenant | undefined> =>
  db.selectFrom("tenants").selectAll().where("user_id", "=", user).where("purged_at", "is", null).executeTakeFirst();

/** The same, which no other transaction changes until this one has ended. */
export const lockedTenantOfUser = (db: Queries, user: string): Promise<Tenant | undefined> =>
  db.selectFrom("tenants").selectAll().where("user_id", "=", user).where("purged_at", "is", null).forUpdate().executeTakeFirst();

/** Unfinished operations of a tenant, in their order. */
export const unfinishedOf = (db: Queries, tenant: string): Promise<Operation[]> =>
  db.selectFrom("operations").selectAll().where("tenant_id", "=", tenant).where("finished_at", "is", null).orderBy("number").execute();

/** Tenants of a shard whose data are not purged. */
export const tenantsOfShard = (db: Queries, shard: number): Promise<Tenant[]> =>
  db.selectFrom("tenants").selectAll().where("shard", "=", shard).where("purged_at", "is", null).orderBy("user_id").execute();

/** Held until the transaction ends: what counts tenants, and adds one, is done by one at a time. */
export const lockCounts = (db: Queries): Promise<unknown> =>
  sql`select pg_advisory_xact_lock(hashtext('stackyard-tenants-counts'))`.execute(db);

/** Names of the keys of a keyring by which the registry's secrets are sealed. */
export async function sealedBy(db: Queries): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`select distinct split_part(sealed, ':', 1) as name from keys order by name`.execute(db);
  return rows.map(({ name }) => name);
}

interface Event {
  readonly caller: string;
  readonly action: string;
  readonly user?: string;
  readonly tenant?: string;
  readonly operation?: string;
  readonly outcome: Tables["audit"]["outcome"]["__insert__"];
  readonly details?: string;
}

/** Writes down what was asked, by whom, and what came of it. Nothing that is given has a secret in it. */
export const audit = async (db: Queries, { caller, action, user, tenant, operation, outcome, details }: Event): Promise<void> => {
  await db
    .insertInto("audit")
    .values({
      at: new Date(),
      caller,
      action,
      user_id: user ?? null,
      tenant_id: tenant ?? null,
      operation_id: operation ?? null,
      outcome,
      details: details ?? null,
    })
    .execute();
};

import { isDeepStrictEqual } from "node:util";
import { reasonOf } from "../engine/cluster";
import type { Look, TenantCluster } from "./cluster";
import type { Database } from "./registry/database";
import type { Tenant } from "./registry/rows";
import { seenIn } from "./seen";

/** Writes down how the cluster has tenants, where that has changed. */
export async function see(db: Database, tenants: readonly Tenant[], look: Look): Promise<void> {
  for (const tenant of tenants) {
    const seen = seenIn(look.of(tenant.user_id));
    if (isDeepStrictEqual(seen, tenant.seen)) continue;
    await db
      .updateTable("tenants")
      .set({ seen: JSON.stringify(seen), seen_at: look.at })
      .where("id", "=", tenant.id)
      .where((is) => is.or([is("seen_at", "is", null), is("seen_at", "<", look.at)])) // another may have looked later
      .execute();
  }
}

/**
 * The same of all tenants, also those that nothing is asked for: a database that stops at night is nobody's operation.
 *
 * @param age milliseconds that the look may be old
 * @throws Error where the cluster does not answer
 */
export async function seeAll(db: Database, cluster: TenantCluster, age = 0): Promise<void> {
  const look = await cluster.look(age).catch((error: unknown) => {
    throw new Error(`the cluster does not answer: ${reasonOf(error)}`, { cause: error });
  });
  await see(db, await db.selectFrom("tenants").selectAll().where("purged_at", "is", null).execute(), look);
}

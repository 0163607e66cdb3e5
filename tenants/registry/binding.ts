import { TenantError } from "../errors";
import type { Database } from "./database";

interface Binding {
  /** Uid of the cluster's `kube-system` namespace. */
  readonly cluster: string;
  readonly environment: string;
}

/**
 * Binds a registry to the cluster and the environment that it is first opened for.
 *
 * @throws TenantError where it is another's: its tenants would be taken for missing, and made anew
 */
export async function bind(db: Database, { cluster, environment }: Binding): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const bound = await trx.selectFrom("binding").selectAll().executeTakeFirst();
    if (bound === undefined) await trx.insertInto("binding").values({ cluster, environment }).execute();
    else if (bound.cluster !== cluster || bound.environment !== environment) {
      throw new TenantError(
        "conflict",
        `the registry is of environment "${bound.environment}" on the cluster with uid ${bound.cluster}, not of "${environment}" on ${cluster}`,
      );
    }
  });
}

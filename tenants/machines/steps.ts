import { createHash, timingSafeEqual } from "node:crypto";
import { bytes } from "../../sizing/quantity";
import { TRY_AGAIN } from "../errors";
import { shardOf } from "../names";
import { optionsOf, placeOf } from "../options";
import type { Wanted } from "../registry/tables";
import { done, StepFailure, waiting, type Step, type StepContext } from "./step";

const DAY_MS = 86_400_000;

/** Changes what the tenant is to be. */
export const wish = (name: string, wanted: (context: StepContext) => Partial<Wanted>): Step => ({
  name,
  run: async (context) => ({ wanted: wanted(context) }),
});

/**
 * Goes where the tenant's database is already, where the registry that knew it was lost: two stacks must not have it, and its volume may be one that
 * a restore has made.
 */
export const place: Step = {
  name: "place",
  run: async ({ environment, tenant: { id, user_id: user, wanted }, cluster }) => {
    const look = await cluster.look();
    const found = look.deployed.find((deployed) => deployed.user === user);
    if (found === undefined) return done;
    const shard = shardOf(environment, found.stack);
    if (shard === undefined) {
      throw new StepFailure(`the database of ${user} is of stack ${found.stack}, and that is no shard of environment "${environment}"`);
    }
    const { database, claims } = look.of(user);
    const volumes = database?.spec?.template.spec?.volumes ?? [];
    const { claimName = wanted.claim.name } = volumes.find(({ persistentVolumeClaim: claim }) => claim)?.persistentVolumeClaim ?? {};
    const nameOf = ({ metadata }: (typeof claims)[number]) => metadata?.name ?? "";
    const source = claims.find((claim) => nameOf(claim) === claimName)?.spec?.dataSource;
    return {
      wanted: {
        claim: { name: claimName, ...(source?.kind === "VolumeSnapshot" && { snapshot: source.name }) },
        oldClaims: claims.map(nameOf).filter((name) => name !== claimName),
      },
      also: async (db) => {
        await db
          .insertInto("shards")
          .values({ id: shard, unrecorded: true })
          .onConflict((on) => on.doNothing())
          .execute();
        await db.updateTable("tenants").set({ shard }).where("id", "=", id).execute();
      },
    };
  },
};

/** Whether the volume was asked to be larger than a wish has it. None shrinks, so that there is no way back to that wish. */
async function hasOutgrown({ service, tenant: { user_id: user }, cluster }: StepContext, wish: Wanted): Promise<boolean> {
  const { claims } = (await cluster.look()).of(user);
  const asked = claims.find(({ metadata }) => metadata?.name === wish.claim.name)?.spec?.resources?.requests?.["storage"];
  return asked !== undefined && bytes(asked) > bytes(placeOf(service, user, wish).storage);
}

/**
 * Waits until the cluster was given what is wished. A tenant whose up fails is wished as it was before, so that what it cannot have is in the way of
 * nothing else; a deletion stays wished, and so does what has made the volume grow already.
 */
export const reach = (name = "reach"): Step => ({
  name,
  run: async (context) => {
    const { operation, tenant } = context;
    const generation = operation.generation ?? tenant.generation;
    if (tenant.reached_generation >= generation) return done;
    if (tenant.failed_generation !== null && tenant.failed_generation >= generation) {
      const { reached, failure } = tenant;
      const why = failure ?? "its up failed";
      if (operation.kind === "delete" || !reached?.present) throw new StepFailure(why);
      if (!(await hasOutgrown(context, reached))) throw new StepFailure(why, reached);
      throw new StepFailure(`${why}; its volume has grown, so that it stays wished: mend that, then \`${TRY_AGAIN}\``);
    }
    return waiting("an up of its shard");
  },
});

/** The same, of a tenant that may never have been in its shard: then there is nothing to wait for. */
export const reachIfThere = (name: string): Step => ({
  name,
  run: async (context) => (context.tenant.reached === null && context.tenant.failure !== null ? done : reach().run(context)),
});

/** Fails where a wait is longer than the service allows. */
function overdue({ operation: { step_at }, service: { readySeconds } }: StepContext, what: string): void {
  const since = step_at === null ? 0 : Date.now() - step_at.getTime();
  if (since > readySeconds * 1000) throw new StepFailure(`not within ${readySeconds} s: ${what}`);
}

/** Waits until the database runs as it is wished, or not at all where it is suspended. */
export const settled = (name: "ready" | "stopped"): Step => ({
  name,
  run: async (context) => {
    const { tenant, seen } = context;
    if (tenant.reached === null) return done;
    const phases = tenant.wanted.suspended ? ["stopped", "missing"] : ["ready"];
    if (seen !== undefined && phases.includes(seen.phase)) return done;
    const reason = seen?.reason ?? (tenant.wanted.suspended ? "its pod, which writes its data before it ends" : "its pod is not ready");
    overdue(context, reason);
    return waiting(reason);
  },
});

/** Waits until the volume has the size that is wished. */
export const grown: Step = {
  name: "grown",
  run: async (context) => {
    const { service, tenant } = context;
    const { persistence } = optionsOf(service, tenant.user_id, tenant.wanted);
    if (!persistence.enabled) return done;
    const { storage } = placeOf(service, tenant.user_id, tenant.wanted);
    const has = context.seen?.storage;
    if (has !== undefined && bytes(has) >= bytes(storage)) return done;
    const what = `its volume has ${has ?? "no size yet"}, and is to have ${storage}`;
    overdue(context, what);
    return waiting(what);
  },
};

const digest = (text: string) => createHash("sha256").update(text).digest();

/** Waits until the database runs with the key that is wished, and no other. */
export const verify: Step = {
  name: "verify",
  run: async (context) => {
    const { tenant, keyring, cluster, db } = context;
    if (tenant.wanted.suspended) return done; // it will run with it
    const { sealed } = await db
      .selectFrom("keys")
      .select("sealed")
      .where("tenant_id", "=", tenant.id)
      .where("version", "=", tenant.wanted.key)
      .executeTakeFirstOrThrow();
    const wanted = digest(keyring.unseal(sealed, `${tenant.id}/${tenant.wanted.key}`));
    const secret = context.seen?.phase === "ready" ? context.seen.secret : undefined;
    const key = secret === undefined ? undefined : await cluster.keyIn(tenant.user_id, secret, context.service.settings.secret.key);
    if (key !== undefined && timingSafeEqual(digest(key), wanted)) return done;
    overdue(context, "its pod does not run with the new key");
    return waiting("its pod, which restarts with the new key");
  },
};

/** Forgets every key but the one that the database runs with. */
export const revoke: Step = {
  name: "revoke",
  run: async ({ tenant }) => ({
    also: (db) => db.deleteFrom("keys").where("tenant_id", "=", tenant.id).where("version", "<", tenant.wanted.key).execute(),
  }),
};

/** Asks for a snapshot of the volume. A final one is left out where the cluster has none, or there is nothing to take. */
export const snapshot = (kind: "asked" | "final"): Step => ({
  name: "snapshot",
  run: async ({ operation, tenant, cluster, service }) => {
    const id = operation.backup_id ?? operation.id;
    const name = `backup-${id}`;
    const made = async (state: "making" | "ready") => ({
      also: async (db: StepContext["db"]) => {
        await db
          .insertInto("backups")
          .values({ id, tenant_id: tenant.id, kind, state, ram: tenant.wanted.ram, snapshot: name })
          .onConflict((on) => on.column("id").doNothing())
          .execute();
        await db.updateTable("operations").set({ backup_id: id }).where("id", "=", operation.id).execute();
      },
    });
    if (kind === "final" && tenant.reached === null) return done;
    const lack = await cluster.snapshotLack(service.snapshotClass);
    if (lack !== undefined && kind === "final") return done;
    if (lack !== undefined) throw new StepFailure(lack);
    await cluster.takeSnapshot(tenant.user_id, name, tenant.wanted.claim.name, service.snapshotClass);
    return made("making");
  },
});

/** Waits until the snapshot can be restored. */
export const taken: Step = {
  name: "taken",
  run: async (context) => {
    const { operation, tenant, cluster } = context;
    const { backup_id: id } = operation;
    if (id === null) return done;
    const { ready: isReady, error } = await cluster.snapshotState(tenant.user_id, `backup-${id}`);
    const as = (state: "ready" | "failed") => (db: StepContext["db"]) =>
      db.updateTable("backups").set({ state }).where("id", "=", id).execute();
    if (isReady) return { also: as("ready") };
    if (error !== undefined) {
      await as("failed")(context.db);
      throw new StepFailure(`the snapshot was not made: ${error}`);
    }
    overdue(context, "the snapshot is not made");
    return waiting("the snapshot of its volume");
  },
};

/** Waits until the days are over in which the deletion can be taken back. */
export const grace: Step = {
  name: "grace",
  run: async ({ tenant }) =>
    tenant.purge_at !== null && tenant.purge_at > new Date() ? waiting(`${tenant.purge_at.toISOString()}, when its data go`) : done,
};

export const graceUntil = (days: number): Date => new Date(Date.now() + days * DAY_MS);

/** Removes the namespace, and all data with it, where it was made for this tenant or adopted by it; any other is left alone. */
export const remove: Step = {
  name: "remove",
  run: async ({ tenant, cluster }) => {
    if (!(await cluster.removeNamespace(tenant.user_id, tenant.id))) return waiting("its namespace, which is being deleted");
    return {
      also: async (db) => {
        await db.deleteFrom("keys").where("tenant_id", "=", tenant.id).execute();
        await db.updateTable("tenants").set({ purged_at: new Date() }).where("id", "=", tenant.id).execute();
      },
    };
  },
};

/** Removes claims that a restore before the last one has replaced: the one that was replaced last is kept. */
export const release: Step = {
  name: "release",
  run: async ({ tenant, cluster }) => {
    const { oldClaims } = tenant.wanted;
    for (const claim of oldClaims.slice(0, -1)) await cluster.removeClaim(tenant.user_id, claim);
    return oldClaims.length > 1 ? { wanted: { oldClaims: oldClaims.slice(-1) } } : done;
  },
};

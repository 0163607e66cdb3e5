import { audit, type Operation } from "./registry/rows";
import type { Database } from "./registry/database";
import type { Caller } from "./service";
import { ask } from "./requests";

/** How an upgrade of the whole fleet goes. */
export interface Rollout {
  readonly wave: number;
  /** Tenants of this wave, and how many still have the other image. */
  readonly users: readonly string[];
  readonly left: number;
}

/** Another image for many tenants. */
export class Fleet {
  constructor(private readonly db: Database) {}

  /** Asks for another image of these tenants; those that have it, or wish for it, are left out. */
  async ask(users: readonly string[], tag: string, caller: Caller): Promise<Operation[]> {
    const operations: Operation[] = [];
    for (const user of users) {
      await this.db.transaction().execute(async (db) => {
        const tenant = await db
          .selectFrom("tenants")
          .selectAll()
          .where("user_id", "=", user)
          .where("purged_at", "is", null)
          .forUpdate()
          .executeTakeFirst();
        if (tenant === undefined || tenant.purge_at !== null || tenant.wanted.image === tag) return;
        operations.push(await ask(db, tenant, { kind: "upgrade", input: { tag } }, caller));
      });
    }
    return operations;
  }

  /**
   * Upgrades every tenant in waves: one tenant first, then as many as a wave has. Workers do the rest meanwhile. Asked for again, it goes on.
   *
   * @returns whether all have the image; not where a tenant of a wave failed, whose wave is the last
   */
  async upgrade(tag: string, size: number, caller: Caller, pause: () => Promise<void>, tell: (rollout: Rollout) => void): Promise<boolean> {
    for (let wave = 1; ; wave++) {
      const others = await this.others(tag);
      if (others.length === 0) return true;
      const users = others.slice(0, wave === 1 ? 1 : size);
      tell({ wave, users, left: others.length });
      const operations = await this.ask(users, tag, caller);
      await audit(this.db, { caller: caller.name, action: `wave ${wave} to ${tag}`, outcome: "accepted", details: users.join(", ") });
      const bad = await this.ended(
        operations.map(({ id }) => id),
        pause,
      );
      if (bad.length > 0) {
        await audit(this.db, { caller: caller.name, action: `wave ${wave} to ${tag}`, outcome: "failed", details: bad.join(", ") });
        return false;
      }
    }
  }

  /** Users whose tenants are to have another image, those that run first. */
  private async others(tag: string): Promise<string[]> {
    const tenants = await this.db
      .selectFrom("tenants")
      .selectAll()
      .where("purged_at", "is", null)
      .where("purge_at", "is", null)
      .orderBy("user_id")
      .execute();
    const others = tenants.filter(({ wanted }) => wanted.image !== tag);
    return others.sort((one, other) => Number(one.wanted.suspended) - Number(other.wanted.suspended)).map(({ user_id }) => user_id);
  }

  /** Waits until operations have ended; returns which did not succeed. */
  private async ended(ids: readonly string[], pause: () => Promise<void>): Promise<string[]> {
    for (;;) {
      const rows = ids.length === 0 ? [] : await this.db.selectFrom("operations").select(["id", "state"]).where("id", "in", ids).execute();
      const bad = rows.filter(({ state }) => state === "failed" || state === "cancelled").map(({ id }) => id);
      if (bad.length > 0 || rows.every(({ state }) => state === "succeeded")) return bad;
      await pause();
    }
  }
}

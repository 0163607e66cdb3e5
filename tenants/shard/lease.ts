import { hostname } from "node:os";
import type { Database } from "../registry/database";
import { FREE, type Shard } from "../registry/rows";
import { markOf } from "../../engine/processes";
import { endedSurvivors, runId } from "../../engine/survivors";

/**
 * Who works on a shard. Pulumi's lock on a stack has no fencing, and a lock of the database ends with its connection, while an up goes on. So it is a
 * row: it names a process, and stays until that process gives it back or is proven dead, with all that it had started.
 */
export interface Lease {
  readonly shard: number;
  /** Whether an up was cut off: the cluster may have what the state does not know. */
  readonly recover: boolean;
}

/** What keeps others from a shard. */
export interface Held {
  readonly heldBy: string;
}

const nameOf = ({ host, pid, since }: Shard) => `process ${pid} on ${host}, since ${since?.toISOString() ?? "a while"}`;

/**
 * Takes a shard, if nobody works on it or who did is dead. What this process has, and could not give back as the registry did not answer, it takes again:
 * its caller sees to it that it works on a shard once.
 *
 * A worker of another machine is never thought dead: only that machine can tell (docs/tenants.md says what an operator does).
 */
export async function take(db: Database, shard: number): Promise<Lease | Held> {
  const own = { run: runId, host: hostname(), pid: process.pid, process: markOf(process.pid) ?? "", since: new Date() };
  return db.transaction().execute(async (trx) => {
    const row = await trx.selectFrom("shards").selectAll().where("id", "=", shard).forUpdate().executeTakeFirstOrThrow();
    if (row.run !== null && row.run !== runId) {
      if (row.host !== own.host || (row.pid !== null && markOf(row.pid) === row.process)) return { heldBy: nameOf(row) };
      await endedSurvivors(row.run);
    }
    await trx.updateTable("shards").set(own).where("id", "=", shard).execute();
    return { shard, recover: row.unrecorded };
  });
}

/** Whether the shard is still this process's; an operator may have freed it. */
const mine = (db: Database, shard: number) => db.updateTable("shards").where("id", "=", shard).where("run", "=", runId);

/** Says that an up begins, of which nobody knows how it ends. */
export async function begin(db: Database, shard: number): Promise<void> {
  const { numUpdatedRows } = await mine(db, shard).set({ unrecorded: true }).executeTakeFirst();
  if (numUpdatedRows === 0n) throw new Error(`shard ${shard} was taken from this worker`);
}

export const giveBack = (db: Database, shard: number): Promise<unknown> => mine(db, shard).set(FREE).execute();

/** Gives back whatever this process still has: a worker of another machine would never take it. */
export const giveBackAll = (db: Database): Promise<unknown> => db.updateTable("shards").where("run", "=", runId).set(FREE).execute();

/** Frees all shards of a machine that an operator knows to be gone. */
export const freeHost = async (db: Database, host: string): Promise<number> => {
  const { numUpdatedRows } = await db.updateTable("shards").set(FREE).where("host", "=", host).executeTakeFirst();
  return Number(numUpdatedRows);
};

/** Has shards that failed as a whole tried again at once, those that still have something to do; why they failed is forgotten. */
export const retryNow = (db: Database): Promise<unknown> =>
  db.updateTable("shards").set({ retry_at: null, failure: null, failures: 0 }).execute();

/** Shards that failed as a whole when they were worked on last, and why. */
export const failedShards = (db: Database): Promise<Pick<Shard, "id" | "failure">[]> =>
  db.selectFrom("shards").select(["id", "failure"]).where("failure", "is not", null).orderBy("id").execute();

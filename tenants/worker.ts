import { setTimeout } from "node:timers/promises";
import { NAME, namespaceNameOf } from "../components/fluxiondb/plan";
import type { TenantCluster, Look } from "./cluster";
import { reasonOf } from "./errors";
import type { Keyring } from "./keyring";
import { stackNameOf } from "./names";
import { runStep, startNext, type OnMoment } from "./operations";
import type { ServiceSettings } from "./options";
import type { Database } from "./registry/database";
import { tenantsOfShard, type Tenant } from "./registry/rows";
import { seenIn } from "./seen";
import { see, seeAll } from "./sight";
import { giveBack, giveBackAll, take, type Lease } from "./shard/lease";
import { Reconciler } from "./shard/reconcile";
import { ShardStack, type Engine, type OnEvent } from "./shard/stack";

/** Milliseconds between two looks at what is waited for. */
const POLL = 300;
/** Milliseconds for which a shard that failed as a whole is left alone: twice as long each time. */
const RETRY = { first: 2000, most: 300_000 };
/** Milliseconds between two looks at tenants that nothing is asked for. */
const SIGHT = 30_000;

export interface WorkerOptions {
  readonly db: Database;
  readonly keyring: Keyring;
  readonly cluster: TenantCluster;
  readonly service: ServiceSettings;
  readonly engine: Engine;
  /** Shards that are worked on at once. */
  readonly parallel: number;
  readonly onMoment?: OnMoment;
  readonly onEvent?: OnEvent;
  /** Told what no operation is told of: a shard that failed as a whole. */
  readonly log?: (line: string) => void;
}

/** Turns rows into databases: takes shards that have something to do, and works on each until nothing is left to do but wait for days. */
export class Worker {
  private readonly reconciler: Reconciler;
  private readonly busy = new Map<number, Promise<void>>();
  private readonly stopping = new AbortController();
  private sawAll = 0;
  private seeing: Promise<void> | undefined;

  constructor(private readonly options: WorkerOptions) {
    this.reconciler = new Reconciler(options);
  }

  /**
   * Works until it is told to stop, or a condition holds. What is being done is ended first.
   *
   * @param until asked after each look; left out: until `stop`
   */
  async run(until: () => Promise<boolean> = async () => false): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted && !(await until())) {
      this.seeSometimes();
      try {
        const room = this.options.parallel - this.busy.size;
        for (const shard of room > 0 ? await this.waitingShards(room) : []) this.start(shard);
      } catch (error) {
        this.options.log?.(`the registry does not answer: ${reasonOf(error)}`); // asked again
      }
      await setTimeout(POLL, undefined, { signal }).catch(() => {});
    }
    this.stopping.abort();
    await Promise.all([...this.busy.values(), this.seeing]);
    await giveBackAll(this.options.db).catch((error: unknown) => this.options.log?.(`shards were not given back: ${reasonOf(error)}`));
    await this.reconciler.close();
  }

  /** Ends `run` once the ups that are running have ended. */
  stop(): void {
    this.stopping.abort();
  }

  /** Whether nothing is left to do now, for this worker or any other. */
  async idle(): Promise<boolean> {
    return this.busy.size === 0 && (await this.waitingShards(1)).length === 0;
  }

  /**
   * Looks at every shard for what is other in the cluster than it is to be, and mends it. A tenant that has failed is tried again: the state may
   * have by now what is to be mended.
   *
   * @param tell told what it was, a line each; and of the shards that were not looked at, as another works on them, or not mended, and why
   * @returns whether none was not mended
   */
  async mend(tell: (line: string) => void): Promise<boolean> {
    const { db } = this.options;
    let mended = true;
    for (const { id } of await db.selectFrom("shards").select("id").orderBy("id").execute()) {
      try {
        await this.mendShard(id, tell);
      } catch (error) {
        tell(`shard ${id} was not mended: ${reasonOf(error).trim()}`);
        mended = false;
      }
    }
    return mended;
  }

  private async mendShard(id: number, tell: (line: string) => void): Promise<void> {
    const { db, cluster, engine, onEvent } = this.options;
    const lease = await take(db, id);
    if ("heldBy" in lease) return tell(`shard ${id} is held by ${lease.heldBy}, and was not looked at`);
    try {
      if (lease.recover) await this.reconciler.up(id, { recover: true });
      const { drifted, known } = await new ShardStack(engine, id, onEvent).refresh();
      const unknown = (await cluster.look()).deployed.filter(
        ({ user, stack }) => stack === stackNameOf(engine.environment, id) && !known.has(`${namespaceNameOf(user)}/${NAME}`),
      );
      for (const line of drifted) tell(line);
      for (const { user, stack } of unknown) tell(`${user} was not in the state of stack ${stack}`);
      const failed = (await tenantsOfShard(db, id)).filter(({ failure }) => failure !== null);
      for (const { user_id: user } of failed) tell(`${user} had failed, and is tried again`);
      if (drifted.length + failed.length + unknown.length > 0) {
        await this.reconciler.up(id, { recover: failed.length + unknown.length > 0, force: true });
      }
    } finally {
      await giveBack(db, id);
    }
  }

  private seeSometimes(): void {
    const { db, cluster, log } = this.options;
    if (Date.now() - this.sawAll < SIGHT) return;
    this.sawAll = Date.now();
    this.seeing = seeAll(db, cluster, POLL).catch((error: unknown) => log?.(`tenants were not looked at: ${reasonOf(error)}`));
  }

  private start(shard: number): void {
    const work = this.work(shard)
      .catch((error: unknown) => this.options.log?.(`shard ${shard}: ${reasonOf(error)}`))
      .finally(() => this.busy.delete(shard));
    this.busy.set(shard, work);
  }

  /** Shards with something to do that nobody of this process works on. */
  private async waitingShards(room: number): Promise<number[]> {
    const { db } = this.options;
    const rows = await db
      .selectFrom("shards")
      .select("shards.id")
      .where((is) => is.or([is("retry_at", "is", null), is("retry_at", "<=", new Date())]))
      .where((is) =>
        is.exists(
          is
            .selectFrom("tenants")
            .leftJoin("operations", (on) => on.onRef("operations.tenant_id", "=", "tenants.id").on("operations.finished_at", "is", null))
            .whereRef("tenants.shard", "=", "shards.id")
            .where("tenants.purged_at", "is", null)
            .where((has) =>
              has.or([
                has("shards.unrecorded", "=", true),
                has.and([
                  has("operations.id", "is not", null),
                  // a deletion in its grace days has nothing to do
                  has.or([
                    has("operations.step", "is distinct from", "grace"),
                    has("tenants.purge_at", "is", null),
                    has("tenants.purge_at", "<=", new Date()),
                  ]),
                ]),
                has.and([
                  has("tenants.generation", ">", has.ref("tenants.reached_generation")),
                  has("tenants.failed_generation", "is distinct from", has.ref("tenants.generation")),
                ]),
              ]),
            )
            .select("tenants.id"),
        ),
      )
      .where("shards.id", "not in", [-1, ...this.busy.keys()])
      .orderBy("shards.id")
      .limit(room)
      .execute();
    return rows.map(({ id }) => id);
  }

  /** Works on a shard until nothing is left to do now. Nothing is done where another works on it. */
  private async work(shard: number): Promise<void> {
    const { db } = this.options;
    const lease = await take(db, shard);
    if ("heldBy" in lease) {
      this.options.log?.(`shard ${shard} is held by ${lease.heldBy}`);
      return void (await setTimeout(POLL));
    }
    try {
      await this.workOn(lease);
      await db.updateTable("shards").set({ failure: null, failures: 0, retry_at: null }).where("id", "=", shard).execute();
    } catch (error) {
      await this.postpone(shard, reasonOf(error));
      throw error;
    } finally {
      await giveBack(db, shard);
    }
  }

  private async postpone(shard: number, failure: string): Promise<void> {
    const { db } = this.options;
    const { failures } = await db.selectFrom("shards").select("failures").where("id", "=", shard).executeTakeFirstOrThrow();
    const wait = Math.min(RETRY.first * 2 ** failures, RETRY.most);
    const retry_at = new Date(Date.now() + wait);
    await db
      .updateTable("shards")
      .set({ failure, failures: failures + 1, retry_at })
      .where("id", "=", shard)
      .execute();
  }

  private async workOn(lease: Lease): Promise<void> {
    const { db, cluster } = this.options;
    let recover = lease.recover;
    for (;;) {
      const look = await cluster.look(POLL);
      const tenants = await tenantsOfShard(db, lease.shard);
      await see(db, tenants, look);
      const active = await this.runSteps(tenants, look);
      const now = await tenantsOfShard(db, lease.shard);
      const due = now.some(
        ({ generation, reached_generation: reached, failed_generation: failed }) => generation > reached && failed !== generation,
      );
      if (recover || due) await this.reconciler.up(lease.shard, { recover });
      else if (active === 0 || this.stopping.signal.aborted) return;
      else await setTimeout(POLL);
      recover = false;
    }
  }

  /** Runs steps of all tenants until each operation waits; returns how many do. */
  private async runSteps(tenants: readonly Tenant[], look: Look): Promise<number> {
    const { db, engine, onMoment = () => {} } = this.options;
    let active = 0;
    for (const { id } of tenants) {
      for (;;) {
        if (this.stopping.signal.aborted) return active;
        const operation = await startNext(db, id);
        if (operation === undefined) break;
        const tenant = await db.selectFrom("tenants").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
        const began = operation.step_at ?? new Date();
        const seen = look.at > began ? seenIn(look.of(tenant.user_id)) : undefined;
        const went = await runStep(operation, tenant, { ...this.options, environment: engine.environment, onMoment, seen });
        if (went) continue;
        if (!(operation.step === "grace" && tenant.purge_at !== null && tenant.purge_at > new Date())) active += 1;
        break;
      }
    }
    return active;
  }
}

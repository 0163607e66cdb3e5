import { join } from "node:path";
import { FORCE } from "../../engine/ours";
import type { TenantCluster } from "../cluster";
import type { Keyring } from "../keyring";
import { stackNameOf } from "../names";
import { reasonOf } from "../errors";
import type { ServiceSettings } from "../options";
import type { Database } from "../registry/database";
import { tenantsOfShard, type Tenant } from "../registry/rows";
import { begin } from "./lease";
import { SharedPack } from "./pack";
import { keysOf, planOfShard, type ShardPlan } from "./plan";
import { ShardStack, type Engine, type OnEvent, type UpResult } from "./stack";

interface ReconcilerOptions {
  readonly db: Database;
  readonly keyring: Keyring;
  readonly cluster: TenantCluster;
  readonly service: ServiceSettings;
  readonly engine: Engine;
  readonly onEvent?: OnEvent;
}

/** What the API server says of an object that the state does not have. */
const EXISTS = /already exists/;

/** Milliseconds that a look at the cluster may be old which tells whom the registry does not know. */
const LOOK_AGE = 1000;

/** Brings a shard's stack to what its rows say, in one up, and writes down what was reached. Its caller holds the shard. */
export class Reconciler {
  private readonly pack: SharedPack | undefined;

  constructor(private readonly options: ReconcilerOptions) {
    const { policies, folder, env } = options.engine;
    this.pack = policies === undefined ? undefined : new SharedPack(policies, join(folder, "policies"), env);
  }

  /** Ends what was started for ups and outlives them. */
  async close(): Promise<void> {
    await this.pack?.stop();
  }

  /**
   * @param recover the state may not know all that there is: the last up was cut off, or the state was lost. Left out: that is seen in what fails
   * @param force whether fields that somebody else has set since are put back, too, where they else fail the up
   * @throws Error where the shard failed as a whole: no tenant is to blame
   */
  async up(shard: number, { recover = false, force = false } = {}): Promise<void> {
    const { db, engine, cluster, onEvent } = this.options;
    const tenants = await tenantsOfShard(db, shard);
    const stack = new ShardStack(engine, shard, onEvent, this.pack);
    const bad = new Map<string, string>();
    const env = force ? FORCE : {};
    await this.refuseUnknown(shard, tenants);
    await begin(db, shard);
    // one round more for each that is found to be bad, and ends the program for all
    for (let recovering = recover; ;) {
      const plan = await this.planOf(tenants, bad);
      const result = recovering ? await stack.recover(plan.tenants, cluster, env) : await stack.up(plan.tenants, env);
      const blamed = blamedBy(result, tenants);
      recovering = !recovering && [...blamed.values()].some((reason) => EXISTS.test(reason));
      if (recovering) continue;
      const isNew = [...blamed.keys()].some((id) => !bad.has(id));
      for (const [id, reason] of blamed) bad.set(id, reason);
      const others = result.ok || (blamed.size > 0 && !result.blame.ended && result.blame.shard === undefined);
      if (others) {
        await this.record(shard, tenants, plan, bad);
        return;
      }
      if (!isNew || result.blame.shard !== undefined) {
        throw new Error(result.blame.shard ?? `the up failed: ${[...blamed.values()].join("; ")}`);
      }
    }
  }

  /** @throws Error where the up would take down what no row is about: the registry is empty, or older than the cluster */
  private async refuseUnknown(shard: number, tenants: readonly Tenant[]): Promise<void> {
    const { db, cluster, engine } = this.options;
    const name = stackNameOf(engine.environment, shard);
    const adopted = new Set(tenants.flatMap(({ user_id, wanted }) => (wanted.adopted ? [user_id] : [])));
    const here = (await cluster.look(LOOK_AGE)).deployed.filter(({ stack, user }) => stack === name && !adopted.has(user));
    if (here.length === 0) return;
    const ids = here.map(({ id }) => id);
    const known = new Set((await db.selectFrom("tenants").select("id").where("id", "in", ids).execute()).map(({ id }) => id));
    const unknown = here.filter(({ id }) => !known.has(id));
    if (unknown.length === 0) return;
    const list = unknown.map(({ user }) => user).join(", ");
    throw new Error(
      `stack ${name} has databases of tenants that the registry does not know, and an up would take them down: ${list}. ` +
        "Import what was exported of the registry last, or adopt each: npx stackyard tenants adopt <user> --no-wait",
    );
  }

  private async planOf(tenants: readonly Tenant[], bad: ReadonlyMap<string, string>): Promise<ShardPlan> {
    const { db, keyring, cluster, service } = this.options;
    const ids = tenants.map(({ id }) => id);
    const [look, keys] = await Promise.all([
      cluster.look(),
      ids.length === 0 ? [] : db.selectFrom("keys").select(["tenant_id", "version", "sealed"]).where("tenant_id", "in", ids).execute(),
    ]);
    const claims = new Map(tenants.map(({ user_id, wanted }) => [user_id, wanted.claim.name]));
    const held = look.held((user) => claims.get(user) ?? "");
    return planOfShard({ service, tenants, held, owners: look.owners, keyOf: keysOf(keyring, keys), bad });
  }

  /** What each was given is what it has reached; who was refused, or failed, has failed. */
  private async record(
    shard: number,
    tenants: readonly Tenant[],
    { wishes, refused }: ShardPlan,
    bad: ReadonlyMap<string, string>,
  ): Promise<void> {
    await this.options.db.transaction().execute(async (trx) => {
      for (const { id, generation } of tenants) {
        const failure = bad.get(id) ?? refused.get(id);
        const given = wishes.get(id);
        const row = trx.updateTable("tenants").where("id", "=", id);
        if (failure !== undefined) await row.set({ failed_generation: generation, failure }).execute();
        else if (given !== undefined) {
          const reached = JSON.stringify(given.wish);
          await row.set({ reached, reached_generation: given.generation, failed_generation: null, failure: null }).execute();
        }
      }
      await trx.updateTable("shards").set({ unrecorded: false }).where("id", "=", shard).execute();
    });
  }
}

/** Who is to blame, by id. */
function blamedBy({ ok, blame }: UpResult, tenants: readonly Tenant[]): Map<string, string> {
  const blamed = new Map<string, string>();
  if (ok) return blamed;
  for (const { id, user_id } of tenants) {
    const reason = blame.tenants.get(user_id);
    if (reason !== undefined) blamed.set(id, reasonOf(reason));
  }
  return blamed;
}

import { setTimeout } from "node:timers/promises";
import { TenantError } from "./errors";
import type { ServiceSettings } from "./options";
import type { Database } from "./registry/database";
import { audit, tenantOfUser, type Tenant } from "./registry/rows";
import { checked, notFound } from "./requests";
import { ListRequest, type BackupView, type OperationView, type TenantView } from "./schemas";
import type { Caller, Overview, Page } from "./service";
import { backupView, operationView, stateOf, tenantView } from "./views";

/** Milliseconds between two looks at an operation that is followed. */
const POLL = 250;
/** Operations of one tenant that are shown. */
const SHOWN = 50;

/** Whether a tenant is one that a caller may see. */
export const sees = (caller: Caller, { id }: Pick<Tenant, "id">): boolean => caller.tenant === undefined || caller.tenant.id === id;

/** What callers may look at. Whoever looks for another's is told that it is not there, and written down. */
export class Reads {
  constructor(
    protected readonly db: Database,
    protected readonly service: ServiceSettings,
  ) {}

  async list(request: unknown, caller: Caller): Promise<Page<TenantView>> {
    const { limit, after, state } = checked(ListRequest, request);
    const items: TenantView[] = [];
    for (let last = after; ;) {
      let query = this.db.selectFrom("tenants").selectAll().where("purged_at", "is", null).orderBy("user_id").limit(limit);
      if (last !== undefined) query = query.where("user_id", ">", last);
      if (caller.tenant !== undefined) query = query.where("id", "=", caller.tenant.id);
      const rows = await query.execute();
      for (const row of rows) {
        last = row.user_id;
        if (state === undefined || stateOf(row) === state) items.push(tenantView(this.service, row));
        if (items.length === limit) return { items, ...(row !== rows.at(-1) || rows.length === limit ? { next: last } : {}) };
      }
      if (rows.length < limit) return { items };
    }
  }

  async show(user: string, caller: Caller): Promise<TenantView> {
    return tenantView(this.service, await this.seenBy(caller, user, "show"));
  }

  async backups(user: string, caller: Caller): Promise<BackupView[]> {
    const { id } = await this.seenBy(caller, user, "backups");
    const rows = await this.db.selectFrom("backups").selectAll().where("tenant_id", "=", id).orderBy("created_at", "desc").execute();
    return rows.map((row) => backupView(row, user));
  }

  async operations(user: string, caller: Caller): Promise<OperationView[]> {
    const { id } = await this.seenBy(caller, user, "operations");
    const rows = await this.db
      .selectFrom("operations")
      .selectAll()
      .where("tenant_id", "=", id)
      .orderBy("number", "desc")
      .limit(SHOWN)
      .execute();
    return rows.map((row) => operationView(row, user));
  }

  async operation(id: string, caller: Caller): Promise<OperationView> {
    const isId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id);
    const row = isId
      ? await this.db
          .selectFrom("operations")
          .innerJoin("tenants", "tenants.id", "operations.tenant_id")
          .selectAll("operations")
          .select("tenants.user_id")
          .where("operations.id", "=", id)
          .executeTakeFirst()
      : undefined;
    if (row !== undefined && sees(caller, { id: row.tenant_id })) return operationView(row, row.user_id);
    if (row !== undefined) await this.refused(caller, "operation", row.user_id);
    throw new TenantError("not-found", "there is no such operation");
  }

  async *follow(id: string, caller: Caller, signal?: AbortSignal): AsyncIterable<OperationView> {
    for (let last = ""; !signal?.aborted;) {
      const operation = await this.operation(id, caller);
      const now = JSON.stringify(operation);
      if (now !== last) yield operation;
      if (operation.finishedAt !== undefined) return;
      last = now;
      await setTimeout(POLL, undefined, { signal }).catch(() => {});
    }
  }

  async refused(caller: Caller, what: string, user?: string): Promise<void> {
    await audit(this.db, { caller: caller.name, action: what, user, outcome: "refused" });
  }

  async overview(): Promise<Overview> {
    const [tenants, operations, oldest, busy] = await Promise.all([
      this.db.selectFrom("tenants").selectAll().where("purged_at", "is", null).execute(),
      this.db
        .selectFrom("operations")
        .select(({ fn }) => ["kind", "state", fn.countAll<number>().as("count")])
        .groupBy(["kind", "state"])
        .execute(),
      this.db
        .selectFrom("operations")
        .select(({ fn }) => fn.min("created_at").as("since"))
        .where("finished_at", "is", null)
        .where((is) => is.or([is("step", "is", null), is("step", "!=", "grace")]))
        .executeTakeFirst(),
      this.db
        .selectFrom("shards")
        .select(({ fn }) => fn.countAll<number>().as("count"))
        .where("run", "is not", null)
        .executeTakeFirst(),
    ]);
    const states: Record<string, number> = {};
    for (const tenant of tenants) states[stateOf(tenant)] = (states[stateOf(tenant)] ?? 0) + 1;
    const since = oldest?.since as Date | null | undefined;
    return {
      tenants: states,
      operations: Object.fromEntries(operations.map(({ kind, state, count }) => [`${kind} ${state}`, Number(count)])),
      oldestSeconds: since ? Math.max(0, (Date.now() - since.getTime()) / 1000) : 0,
      busyShards: Number(busy?.count ?? 0),
    };
  }

  /** A tenant that a caller may see; whoever looks for another is written down. */
  private async seenBy(caller: Caller, user: string, what: string): Promise<Tenant> {
    const tenant = await tenantOfUser(this.db, user);
    if (tenant !== undefined && sees(caller, tenant)) return tenant;
    if (caller.tenant !== undefined) await this.refused(caller, what, user);
    throw notFound(user);
  }
}

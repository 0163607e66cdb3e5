import { resizeRefusals } from "../sizing/fluxiondb";
import { TenantError, TRY_AGAIN } from "./errors";
import type { Keyring } from "./keyring";
import { problemsOf, type ServiceSettings } from "./options";
import type { Database, Queries } from "./registry/database";
import { audit, lockedTenantOfUser, type Operation, type Tenant } from "./registry/rows";
import { Reads, sees } from "./reads";
import { add, ask, checked, notFound, projected, refuseDeleted, refuseTooLarge, refuseTotal, versionOf } from "./requests";
import {
  AdoptRequest,
  DeleteRequest,
  ProvisionRequest,
  ResizeRequest,
  RestoreRequest,
  RotateKeyRequest,
  type OperationKind,
  type OperationView,
} from "./schemas";
import type { Caller, TenantService } from "./service";
import { operationView } from "./views";

/** Tries of a transaction that met another one. */
const TRIES = 5;
/** What Postgres calls: not serialized, deadlock, and a row that another one has inserted meanwhile. */
const MET_ANOTHER = ["40001", "40P01", "23505"];

type Change = (db: Queries, tenant: Tenant) => Promise<Operation>;

/** The service over a registry. */
export class Tenants extends Reads implements TenantService {
  constructor(
    db: Database,
    private readonly keyring: Keyring,
    service: ServiceSettings,
  ) {
    super(db, service);
  }

  async provision(request: unknown, caller: Caller): Promise<OperationView> {
    return this.add("provision", checked(ProvisionRequest, request), caller);
  }

  async adopt(request: unknown, caller: Caller): Promise<OperationView> {
    return this.add("adopt", checked(AdoptRequest, request), caller);
  }

  async resize(user: string, request: unknown, caller: Caller): Promise<OperationView> {
    const { ram } = checked(ResizeRequest, request);
    return this.change("resize", user, { ram }, caller, async (db, tenant) => {
      const next = await projected(db, tenant);
      refuseDeleted(next, user);
      const [refused] = resizeRefusals({ ram: next.ram }, { ram });
      if (refused !== undefined)
        throw new TenantError("conflict", `ram: ${refused.reason}`, { wrong: [{ path: "ram", message: refused.reason }] });
      const [problem] = problemsOf(this.service, user, { ...next, ram });
      if (problem !== undefined) throw new TenantError("invalid", `${problem.path}: ${problem.message}`, { wrong: [problem] });
      const { limits } = this.service;
      refuseTooLarge(limits, ram);
      const others = await db.selectFrom("tenants").select("wanted").where("purged_at", "is", null).where("id", "!=", tenant.id).execute();
      refuseTotal(
        limits,
        others.map(({ wanted }) => wanted.ram),
        ram,
      );
      return ask(db, tenant, { kind: "resize", input: { ram } }, caller);
    });
  }

  async rotateKey(user: string, request: unknown, caller: Caller): Promise<OperationView> {
    const { apiKey } = checked(RotateKeyRequest, request);
    return this.change("rotate-key", user, { apiKey }, caller, async (db, tenant) => {
      refuseDeleted(await projected(db, tenant), user);
      const key = await versionOf(db, this.keyring, tenant, apiKey);
      return ask(db, tenant, { kind: "rotate-key", input: { key } }, caller);
    });
  }

  suspend = (user: string, caller: Caller) => this.plain("suspend", user, caller);

  async resume(user: string, caller: Caller): Promise<OperationView> {
    return this.change("resume", user, {}, caller, async (db, tenant) => {
      const { deletes } = await projected(db, tenant);
      if (deletes !== undefined) await takeBack(db, tenant, deletes, caller);
      return ask(db, tenant, { kind: "resume", input: {} }, caller);
    });
  }

  async backup(user: string, caller: Caller): Promise<OperationView> {
    return this.change("backup", user, {}, caller, async (db, tenant) => {
      refuseDeleted(await projected(db, tenant), user);
      const { backups: most } = this.service.limits;
      const backups = await db
        .selectFrom("backups")
        .select("id")
        .where("tenant_id", "=", tenant.id)
        .where("state", "!=", "failed")
        .execute();
      if (backups.length >= most)
        throw new TenantError("quota", `tenant "${user}" has ${backups.length} backups, and may have ${most} (limits.backups)`);
      return ask(db, tenant, { kind: "backup", input: {} }, caller);
    });
  }

  async restore(user: string, request: unknown, caller: Caller): Promise<OperationView> {
    const { backup: id } = checked(RestoreRequest, request);
    return this.change("restore", user, { id }, caller, async (db, tenant) => {
      refuseDeleted(await projected(db, tenant), user);
      const backup = await db.selectFrom("backups").selectAll().where("id", "=", id).where("tenant_id", "=", tenant.id).executeTakeFirst();
      if (backup === undefined)
        throw new TenantError("not-found", `tenant "${user}" has no backup ${id}`, { remedy: [`npx stackyard tenants backups ${user}`] });
      if (backup.state !== "ready") throw new TenantError("conflict", `backup ${id} is not ready: it is ${backup.state}`);
      const claim = `fluxiondb-${crypto.randomUUID().slice(0, 8)}`;
      const input = { claim, snapshot: backup.snapshot };
      const last = await db
        .selectFrom("operations")
        .selectAll()
        .where("tenant_id", "=", tenant.id)
        .where("finished_at", "is", null)
        .orderBy("number", "desc")
        .executeTakeFirst();
      if (last?.kind === "restore" && last.backup_id === id) return last;
      return ask(db, tenant, { kind: "restore", input, backup: id }, caller);
    });
  }

  async delete(user: string, request: unknown, caller: Caller): Promise<OperationView> {
    const { graceDays = this.service.graceDays } = checked(DeleteRequest, request);
    return this.change("delete", user, { graceDays }, caller, async (db, tenant) => {
      const { deletes } = await projected(db, tenant);
      return deletes ?? ask(db, tenant, { kind: "delete", input: { graceDays } }, caller);
    });
  }

  private plain(kind: "suspend", user: string, caller: Caller): Promise<OperationView> {
    return this.change(kind, user, {}, caller, async (db, tenant) => {
      refuseDeleted(await projected(db, tenant), user);
      return ask(db, tenant, { kind, input: {} }, caller);
    });
  }

  private add(kind: "provision" | "adopt", request: { user: string; ram: string; apiKey: string }, caller: Caller): Promise<OperationView> {
    const { user, ram, apiKey } = request;
    return this.once(kind, user, { ram, apiKey }, caller, async (db) => {
      if (caller.tenant !== undefined) throw notFound(user);
      const there = await lockedTenantOfUser(db, user);
      // one that never was anything in the cluster is in nobody's way who knows that the database is that user's
      const neverWas = kind === "adopt" && there?.reached === null && !there.wanted.adopted;
      if (there !== undefined && neverWas) await drop(db, there, caller);
      if (there === undefined || neverWas) return add(db, this.service, this.keyring, { kind, ...request }, caller);
      const [first] = await db.selectFrom("operations").selectAll().where("tenant_id", "=", there.id).orderBy("number").limit(1).execute();
      const { sealed } = await db
        .selectFrom("keys")
        .select("sealed")
        .where("tenant_id", "=", there.id)
        .orderBy("version")
        .limit(1)
        .executeTakeFirstOrThrow();
      const sameKey = this.keyring.unseal(sealed, `${there.id}/1`) === apiKey;
      if (first?.finished_at === null && first.kind === kind && first.input["ram"] === ram && sameKey) return first;
      const failed = there.failed_generation === there.generation;
      throw new TenantError("conflict", `there is a tenant "${user}" already${failed ? ", whose up has failed" : ""}`, {
        remedy: [`npx stackyard tenants show ${user}`, failed ? TRY_AGAIN : `npx stackyard tenants resize ${user} --ram <more>`],
      });
    });
  }

  private change(kind: OperationKind, user: string, said: object, caller: Caller, change: Change): Promise<OperationView> {
    return this.once(kind, user, said, caller, async (db) => {
      const tenant = await lockedTenantOfUser(db, user);
      if (tenant === undefined || !sees(caller, tenant)) throw notFound(user);
      return change(db, tenant);
    });
  }

  /** Runs a request in one transaction, and the same request of a caller no second time. A refusal is written down. */
  private async once(
    kind: OperationKind,
    user: string,
    said: object,
    caller: Caller,
    request: (db: Queries) => Promise<Operation>,
  ): Promise<OperationView> {
    const text = JSON.stringify([kind, user, said]);
    try {
      const operation = await this.transaction(
        async (db) => (await this.answered(db, text, caller)) ?? this.remember(db, text, caller, await request(db)),
      );
      return operationView(operation, user);
    } catch (error) {
      if (error instanceof TenantError && error.code !== "invalid" && error.code !== "unavailable") {
        await audit(this.db, { caller: caller.name, action: kind, user, outcome: "refused", details: error.code });
      }
      throw error;
    }
  }

  private async transaction(run: (db: Queries) => Promise<Operation>): Promise<Operation> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.db.transaction().execute(run);
      } catch (error) {
        const { code } = error as { code?: string };
        if (tries === TRIES || code === undefined || !MET_ANOTHER.includes(code)) throw error;
      }
    }
  }

  private async answered(db: Queries, text: string, { name, idempotencyKey: key }: Caller): Promise<Operation | undefined> {
    if (key === undefined) return undefined;
    const known = await db
      .selectFrom("idempotency")
      .innerJoin("operations", "operations.id", "idempotency.operation_id")
      .selectAll("operations")
      .select("fingerprint")
      .where("idempotency.caller", "=", name)
      .where("idempotency.key", "=", key)
      .executeTakeFirst();
    if (known !== undefined && !this.keyring.isMark(known.fingerprint, text)) {
      throw new TenantError("reused-key", `idempotency key "${key}" stood for another request`);
    }
    return known;
  }

  private async remember(db: Queries, text: string, { name, idempotencyKey: key }: Caller, operation: Operation): Promise<Operation> {
    if (key === undefined) return operation;
    await db
      .insertInto("idempotency")
      .values({ caller: name, key, fingerprint: this.keyring.mark(text), operation_id: operation.id })
      .execute();
    return operation;
  }
}

/** Forgets a tenant that no up has reached, and what was asked of it. */
async function drop(db: Queries, { id, user_id: user }: Tenant, caller: Caller): Promise<void> {
  const ended = await db
    .updateTable("operations")
    .set({ state: "cancelled", finished_at: new Date(), waiting: null })
    .where("tenant_id", "=", id)
    .where("finished_at", "is", null)
    .returning(["id", "kind"])
    .execute();
  for (const { id: operation, kind } of ended) {
    await audit(db, { caller: caller.name, action: kind, user, tenant: id, operation, outcome: "cancelled" });
  }
  await db.updateTable("tenants").set({ purged_at: new Date() }).where("id", "=", id).execute();
}

/** Ends a deletion that waits for its grace days to be over. */
async function takeBack(db: Queries, { id, user_id: user }: Tenant, deletion: Operation, caller: Caller): Promise<void> {
  const { numUpdatedRows } = await db
    .updateTable("operations")
    .set({ state: "cancelled", finished_at: new Date(), waiting: null })
    .where("id", "=", deletion.id)
    .where("step", "=", "grace")
    .executeTakeFirst();
  if (numUpdatedRows !== 1n)
    throw new TenantError("conflict", `tenant "${user}" is being deleted, and not in its grace days: wait until it is, then resume it`);
  await db.updateTable("tenants").set({ purge_at: null }).where("id", "=", id).execute();
  await audit(db, { caller: caller.name, action: "delete", user, tenant: id, operation: deletion.id, outcome: "cancelled" });
}

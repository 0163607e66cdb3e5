import { randomUUID } from "node:crypto";
import type { z } from "zod";
import { NAME } from "../components/fluxiondb/plan";
import { bytes } from "../sizing/quantity";
import { TenantError } from "./errors";
import type { Keyring } from "./keyring";
import { problemsOf, type ServiceSettings } from "./options";
import type { Queries } from "./registry/database";
import { audit, lockCounts, unfinishedOf, type Operation, type Tenant } from "./registry/rows";
import type { Wanted } from "./registry/tables";
import type { OperationKind } from "./schemas";
import type { Caller } from "./service";
import { placeOfKey } from "./shard/plan";

/** How requests become rows. Each function is called in one transaction, with the tenant's row locked. */

/** @throws TenantError that names all that is wrong, and shows no secret */
export function checked<Schema extends z.ZodType>(schema: Schema, given: unknown): z.output<Schema> {
  const { data, error } = schema.safeParse(given);
  if (error === undefined) return data;
  const wrong = error.issues.flatMap((issue) =>
    issue.code === "unrecognized_keys"
      ? issue.keys.map((key) => ({ path: [...issue.path, key].join("."), message: "is not known" }))
      : [{ path: issue.path.join("."), message: issue.message }],
  );
  throw invalid(wrong);
}

const invalid = (wrong: readonly { path: string; message: string }[]) =>
  new TenantError("invalid", wrong.map(({ path, message }) => `${path || "the request"}: ${message}`).join("; "), { wrong });

export const notFound = (user: string) =>
  new TenantError("not-found", `there is no tenant "${user}"`, { remedy: ["npx stackyard tenants list"] });

const conflict = (message: string, ...remedy: string[]) => new TenantError("conflict", message, { remedy });
const quota = (message: string) => new TenantError("quota", message);

interface Wish {
  readonly kind: OperationKind;
  readonly input: Readonly<Record<string, unknown>>;
  readonly backup?: string;
}

/** Writes an operation of a tenant. The last unfinished one is answered again where it asks for the same. */
export async function ask(db: Queries, tenant: Tenant, { kind, input, backup }: Wish, caller: Caller): Promise<Operation> {
  const last = (await unfinishedOf(db, tenant.id)).at(-1);
  if (last?.kind === kind && isSame(last.input, input)) return last;
  return insert(db, tenant, { kind, input, backup }, caller);
}

const isSame = (one: Wish["input"], other: Wish["input"]) => Object.keys({ ...one, ...other }).every((key) => one[key] === other[key]);

async function insert(
  db: Queries,
  tenant: Pick<Tenant, "id" | "user_id">,
  { kind, input, backup }: Wish,
  caller: Caller,
  generation?: number,
): Promise<Operation> {
  const operation = await db
    .insertInto("operations")
    .values({
      id: randomUUID(),
      tenant_id: tenant.id,
      kind,
      input: JSON.stringify(input),
      state: "queued",
      backup_id: backup ?? null,
      caller: caller.name,
      generation: generation ?? null,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  await audit(db, {
    caller: caller.name,
    action: kind,
    user: tenant.user_id,
    tenant: tenant.id,
    operation: operation.id,
    outcome: "accepted",
  });
  return operation;
}

/** What a tenant will be once all that was asked for is done. */
export async function projected(db: Queries, tenant: Tenant): Promise<Wanted & { readonly deletes?: Operation }> {
  const operations = await unfinishedOf(db, tenant.id);
  let wanted: Wanted & { deletes?: Operation } = tenant.wanted;
  for (const operation of operations) {
    const { kind, input } = operation;
    if (kind === "resize") wanted = { ...wanted, ram: String(input["ram"]) };
    if (kind === "suspend" || kind === "resume") wanted = { ...wanted, suspended: kind === "suspend" };
    if (kind === "delete") wanted = { ...wanted, deletes: operation };
  }
  return wanted;
}

export function refuseDeleted({ deletes }: { readonly deletes?: Operation }, user: string): void {
  if (deletes === undefined) return;
  throw conflict(`tenant "${user}" is being deleted`, `npx stackyard tenants resume ${user}   # takes it back, while its grace days last`);
}

interface NewTenant {
  readonly kind: "provision" | "adopt";
  readonly user: string;
  readonly ram: string;
  readonly apiKey: string;
}

/** Writes a tenant that is not there yet, with its key sealed, into the first shard that has room. */
export async function add(db: Queries, service: ServiceSettings, keyring: Keyring, wish: NewTenant, caller: Caller): Promise<Operation> {
  const { kind, user, ram, apiKey } = wish;
  await lockCounts(db);
  const image = service.tag;
  const problems = problemsOf(service, user, { ram, suspended: false, image });
  if (problems.length > 0) throw invalid(problems);
  if (service.taken.includes(user)) {
    throw conflict(`user "${user}" has a database of the environment's own stack, by its file: take it out there, then adopt it`);
  }
  await refuseTooMany(db, service, ram);
  const wanted: Wanted = {
    present: true,
    ram,
    suspended: false,
    image,
    key: 1,
    claim: { name: NAME },
    oldClaims: [],
    adopted: kind === "adopt",
  };
  const tenant = { id: randomUUID(), user_id: user, shard: await shardWithRoom(db, service.shardSize), wanted: JSON.stringify(wanted) };
  await db.insertInto("tenants").values(tenant).execute();
  await addKey(db, keyring, tenant.id, 1, apiKey);
  return insert(db, tenant, { kind, input: { ram } }, caller, 1);
}

async function refuseTooMany(db: Queries, { limits }: ServiceSettings, ram: string): Promise<void> {
  refuseTooLarge(limits, ram);
  const tenants = await db.selectFrom("tenants").select(["wanted"]).where("purged_at", "is", null).execute();
  if (tenants.length >= limits.tenants)
    throw quota(`the service has ${tenants.length} tenants, and may have ${limits.tenants} (limits.tenants)`);
  refuseTotal(
    limits,
    tenants.map(({ wanted }) => wanted.ram),
    ram,
  );
}

export function refuseTooLarge({ ram: most }: ServiceSettings["limits"], ram: string): void {
  if (bytes(ram) > bytes(most)) throw quota(`${ram} is more than one tenant may have: ${most} (limits.ram)`);
}

export function refuseTotal({ totalRam }: ServiceSettings["limits"], others: readonly string[], ram: string): void {
  if (totalRam === undefined) return;
  const sum = [...others, ram].reduce((total, each) => total + bytes(each), 0);
  if (sum > bytes(totalRam)) throw quota(`with ${ram} more, all tenants together would have more than ${totalRam} (limits.totalRam)`);
}

async function shardWithRoom(db: Queries, size: number): Promise<number> {
  const shards = await db
    .selectFrom("shards")
    .leftJoin("tenants", (on) => on.onRef("tenants.shard", "=", "shards.id").on("tenants.purged_at", "is", null))
    .select(({ fn }) => ["shards.id", fn.count<number>("tenants.id").as("tenants")])
    .groupBy("shards.id")
    .orderBy("shards.id")
    .execute();
  const free = shards.find(({ tenants }) => Number(tenants) < size);
  if (free !== undefined) return free.id;
  const id = (shards.at(-1)?.id ?? 0) + 1;
  await db.insertInto("shards").values({ id }).execute();
  return id;
}

export async function addKey(db: Queries, keyring: Keyring, tenant: string, version: number, apiKey: string): Promise<void> {
  const sealed = keyring.seal(apiKey, placeOfKey(tenant, version));
  await db.insertInto("keys").values({ tenant_id: tenant, version, sealed }).execute();
}

/** Version of a key among a tenant's: that of the same key which waits already, else the next one, sealed now. */
export async function versionOf(db: Queries, keyring: Keyring, tenant: Tenant, apiKey: string): Promise<number> {
  const keys = await db.selectFrom("keys").selectAll().where("tenant_id", "=", tenant.id).orderBy("version").execute();
  const last = keys.at(-1);
  if (last !== undefined && keyring.unseal(last.sealed, placeOfKey(tenant.id, last.version)) === apiKey) {
    if (last.version === tenant.wanted.key) throw conflict(`tenant "${tenant.user_id}" has this key already`);
    return last.version;
  }
  const version = (last?.version ?? 0) + 1;
  await addKey(db, keyring, tenant.id, version, apiKey);
  return version;
}

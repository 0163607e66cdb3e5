import type { BackupView, OperationView, TenantView } from "../../../tenants/schemas";
import { table } from "../../table";

/** Tables of what the service answers. */

export const tenantsTable = (tenants: readonly TenantView[]): string =>
  table(
    ["user", "state", "ram", "storage", "image", "shard", "why"],
    tenants.map(({ user, state, ram, storage, image, shard, reason = "" }) => [user, state, ram, storage, image, `${shard}`, reason]),
  );

const facts = (rows: readonly (readonly [string, string | undefined])[]): string =>
  table(
    [],
    rows.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );

export const tenantFacts = (tenant: TenantView): string =>
  facts([
    ["user", tenant.user],
    ["id", tenant.id],
    ["state", tenant.state],
    ["why", tenant.reason],
    ["ram", tenant.ram],
    ["storage", tenant.storage],
    ["image", tenant.image],
    ["namespace", tenant.namespace],
    ["url", tenant.url],
    ["outside", tenant.outsideUrl],
    ["shard", `${tenant.shard}`],
    ["purged at", tenant.purgeAt],
    ["created at", tenant.createdAt],
  ]);

export const operationsTable = (operations: readonly OperationView[]): string =>
  table(
    ["operation", "kind", "state", "step", "by", "why"],
    operations.map(({ id, kind, state, step = "", by, error, waiting }) => [id, kind, state, step, by, error ?? waiting ?? ""]),
  );

export const backupsTable = (backups: readonly BackupView[]): string =>
  table(
    ["backup", "kind", "state", "ram", "made at"],
    backups.map(({ id, kind, state, ram, createdAt }) => [id, kind, state, ram, createdAt]),
  );

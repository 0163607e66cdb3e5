import { stepsOf } from "./machines";
import { placeOf, type ServiceSettings } from "./options";
import type { Backup, Operation, Tenant } from "./registry/rows";
import type { BackupView, OperationView, TenantView } from "./schemas";

/** What callers see of rows. No key is in any of it. */

export function stateOf({
  purged_at,
  purge_at,
  failed_generation,
  generation,
  reached,
  reached_generation,
  wanted,
  seen,
}: Tenant): TenantView["state"] {
  if (purged_at !== null) return "deleted";
  if (purge_at !== null) return "deleting";
  if (failed_generation === generation || (reached !== null && seen?.phase === "failing")) return "failing";
  if (reached === null) return "provisioning";
  if (reached_generation < generation) return "changing";
  if (seen?.phase === "ready" && !wanted.suspended) return "ready";
  if (seen?.phase === "stopped" && wanted.suspended) return "suspended";
  return "changing";
}

export function tenantView(service: ServiceSettings, tenant: Tenant): TenantView {
  const { namespace, storage, url, outsideUrl } = placeOf(service, tenant.user_id, tenant.wanted);
  const state = stateOf(tenant);
  const reason = tenant.failure ?? (state === "ready" || state === "suspended" ? undefined : tenant.seen?.reason);
  return {
    id: tenant.id,
    user: tenant.user_id,
    state,
    ...(reason !== undefined && { reason }),
    ram: tenant.wanted.ram,
    storage,
    image: tenant.wanted.image,
    namespace,
    url,
    ...(outsideUrl !== undefined && { outsideUrl }),
    shard: tenant.shard,
    generation: tenant.generation,
    reachedGeneration: tenant.reached_generation,
    ...(tenant.purge_at !== null && { purgeAt: tenant.purge_at.toISOString() }),
    createdAt: tenant.created_at.toISOString(),
    ...(tenant.seen_at !== null && { seenAt: tenant.seen_at.toISOString() }),
  };
}

export const operationView = (operation: Operation, user: string): OperationView => ({
  id: operation.id,
  user,
  tenant: operation.tenant_id,
  kind: operation.kind,
  state: operation.state,
  ...(operation.step !== null && { step: operation.step }),
  steps: stepsOf(operation.kind),
  ...(operation.waiting !== null && { waiting: operation.waiting }),
  ...(operation.error !== null && { error: operation.error }),
  ...(operation.backup_id !== null && { backup: operation.backup_id }),
  by: operation.caller,
  createdAt: operation.created_at.toISOString(),
  ...(operation.finished_at !== null && { finishedAt: operation.finished_at.toISOString() }),
});

export const backupView = ({ id, kind, state, ram, snapshot, created_at }: Backup, user: string): BackupView => ({
  id,
  user,
  kind,
  state,
  ram,
  snapshot,
  createdAt: created_at.toISOString(),
});

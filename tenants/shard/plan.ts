import type { Held, Kept } from "../../components/fluxiondb/held";
import { heldRefusals, keptOf } from "../../components/fluxiondb/held";
import type { FluxionDbPlan } from "../../components/fluxiondb/options";
import { NAME, namespaceNameOf } from "../../components/fluxiondb/plan";
import type { Keyring } from "../keyring";
import { optionsOf, type ServiceSettings } from "../options";
import type { Tenant } from "../registry/rows";
import type { Wanted } from "../registry/tables";

/** A tenant as its shard's program deploys it. */
export interface ShardTenant {
  readonly id: string;
  readonly user: string;
  readonly options: FluxionDbPlan;
  readonly apiKey: string;
  readonly claim: Wanted["claim"];
  /** Claims that the quota has room for. */
  readonly claims: number;
  readonly kept: Kept;
}

export interface ShardPlan {
  readonly tenants: readonly ShardTenant[];
  /** The wish that each tenant is given, by id; it is what was reached once the up has ended. */
  readonly wishes: ReadonlyMap<string, { readonly wish: Wanted; readonly generation: number }>;
  /** Why tenants are not given what they wish, by id. They keep what they have. */
  readonly refused: ReadonlyMap<string, string>;
}

interface Given {
  readonly service: ServiceSettings;
  readonly tenants: readonly Tenant[];
  /** What the cluster has, by namespace. */
  readonly held: ReadonlyMap<string, Held>;
  /** Ids of the tenants that namespaces say they are of, by namespace. */
  readonly owners: ReadonlyMap<string, string>;
  readonly keyOf: (tenant: string, version: number) => string;
  /** Tenants that are not to get what they wish, and why: an up has shown it. */
  readonly bad?: ReadonlyMap<string, string>;
}

export const placeOfKey = (tenant: string, version: number): string => `${tenant}/${version}`;

/** Opens the keys of a shard's tenants. */
export const keysOf =
  (keyring: Keyring, rows: readonly { readonly tenant_id: string; readonly version: number; readonly sealed: string }[]) =>
  (tenant: string, version: number): string => {
    const row = rows.find(({ tenant_id, version: of }) => tenant_id === tenant && of === version);
    if (row === undefined) throw new Error(`the registry has no version ${version} of the key`);
    return keyring.unseal(row.sealed, placeOfKey(tenant, version));
  };

/** What a shard is to be now. One tenant that cannot have what it wishes changes nothing of the others. */
export function planOfShard({ service, tenants, held, owners, keyOf, bad = new Map() }: Given): ShardPlan {
  const planned: ShardTenant[] = [];
  const wishes = new Map<string, { wish: Wanted; generation: number }>();
  const refused = new Map<string, string>();
  for (const tenant of tenants) {
    const had = tenant.reached?.present ? tenant.reached : undefined;
    const reason = bad.get(tenant.id) ?? refusalOf(tenant);
    if (reason !== undefined) refused.set(tenant.id, reason);
    else wishes.set(tenant.id, { wish: tenant.wanted, generation: tenant.generation });
    const wish = reason === undefined ? tenant.wanted : had;
    if (wish?.present) planned.push(plannedOf(tenant, wish));
  }
  return { tenants: planned, wishes, refused };

  function refusalOf(tenant: Tenant): string | undefined {
    const { user_id: user, wanted, reached } = tenant;
    if (!wanted.present) return undefined;
    const namespace = namespaceNameOf(user);
    const owner = owners.get(namespace);
    const isThere = owner !== undefined || held.get(namespace)?.kept.namespace !== undefined;
    if (reached === null && !wanted.adopted && isThere && owner !== tenant.id) {
      return `namespace ${namespace} is of an earlier database of this user, with its data: adopt it, or delete it first`;
    }
    try {
      keyOf(tenant.id, wanted.key);
      const reasons = heldRefusals([optionsOf(service, user, wanted)], held).map(({ reason }) => reason);
      return reasons.length > 0 ? reasons.join("; ") : undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  function plannedOf({ id, user_id: user }: Tenant, wish: Wanted): ShardTenant {
    const kept = keptOf(user, held);
    return {
      id,
      user,
      options: optionsOf(service, user, wish),
      apiKey: keyOf(id, wish.key),
      claim: wish.claim,
      claims: 1 + wish.oldClaims.length,
      // a claim that a restore has made has another name, and is in the state
      kept: wish.claim.name === NAME ? kept : { ...kept, claim: false },
    };
  }
}

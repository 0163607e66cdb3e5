import { TenantsSection } from "../../../config";
import { FluxionDbSettings } from "../../../components/fluxiondb/options";
import type { ServiceSettings } from "../../../tenants/options";
import type { Tenant } from "../../../tenants/registry/rows";
import type { Wanted } from "../../../tenants/registry/tables";

export const service = (section: object = {}): ServiceSettings => ({
  ...TenantsSection.omit({ settings: true }).parse(section),
  settings: FluxionDbSettings.parse({ image: { tag: "1.0.3" } }),
  tag: "1.0.3",
  taken: ["alice"],
});

export const wanted = (changes: Partial<Wanted> = {}): Wanted => ({
  present: true,
  ram: "2Gi",
  suspended: false,
  image: "1.0.3",
  key: 1,
  claim: { name: "fluxiondb" },
  oldClaims: [],
  adopted: false,
  ...changes,
});

export const tenant = (user: string, changes: Partial<Tenant> = {}): Tenant => ({
  id: `id-of-${user}`,
  user_id: user,
  shard: 1,
  wanted: wanted(),
  generation: 1,
  reached: null,
  reached_generation: 0,
  failed_generation: null,
  failure: null,
  seen: null,
  seen_at: null,
  purge_at: null,
  created_at: new Date(0),
  purged_at: null,
  ...changes,
});

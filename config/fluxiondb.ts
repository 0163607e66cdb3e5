import { z } from "zod";
import { FluxionDbOptions, FluxionDbSettings, Ram, User, type FluxionDbPlan } from "../components/fluxiondb/options";
import { CpuQuantity, DnsLabel, flag, NetworkPeer, Quantity } from "../components/kubernetes/options";
import { SecretName } from "./secret-name";

const cpu = z.strictObject({ cpu: CpuQuantity.optional() }).optional();

/** What one tenant chooses. What it leaves out it has from the section, where that has it, too. */
const Tenant = z
  .strictObject({
    ram: Ram,
    suspended: z.boolean().optional().meta({ description: "No pod; volume, key, address and all else stay." }),
    secrets: z
      .strictObject({ apiKey: SecretName.optional() })
      .prefault({})
      .meta({ description: "Names under which stackyard:secrets has the tenant's secrets." }),
    generateKey: flag(false, "Make a key and keep it, as a secret, in the state. For development: nobody else knows it."),
    secret: z
      .strictObject({ name: DnsLabel.optional().meta({ description: "Secret of the tenant's namespace that exists already." }) })
      .optional()
      .meta({ description: "Where the key is, instead of secrets.apiKey." }),
    persistence: z
      .strictObject({
        size: Quantity.optional().meta({ description: "Size of the volume, where it is to be more than twice the RAM." }),
        storageClass: DnsLabel.optional().meta({ description: "Class of the volume." }),
        existingClaim: DnsLabel.optional().meta({ description: "Claim of the tenant's namespace that exists already." }),
      })
      .optional()
      .meta({ description: "Volume of the data." }),
    resources: z
      .strictObject({ requests: cpu, limits: cpu })
      .optional()
      .meta({ description: "CPU of the pod, where it is not what follows from `ram`." }),
    networkPolicy: z
      .strictObject({ clients: z.union([z.literal("anywhere"), z.array(NetworkPeer)]).optional() })
      .optional()
      .meta({ description: "Who may connect, where it is not pods that carry the tenant's label." }),
  })
  .meta({ description: "A tenant: its RAM and its key. All else follows." });

type Tenant = z.output<typeof Tenant>;

const Shape = FluxionDbSettings.extend({
  tenants: z.record(User, Tenant).meta({ description: "Tenants, by user: each has a database in a namespace fluxiondb-<user>." }),
});

/** Settings of the section, and over them those of the tenant. */
function merged({ tenants: _, ...settings }: z.output<typeof Shape>, user: string, tenant: Tenant) {
  const { ram, suspended = settings.suspended, secret, persistence, resources, networkPolicy } = tenant;
  return {
    ...settings,
    user,
    ram,
    suspended,
    secret: { ...settings.secret, ...secret },
    persistence: { ...settings.persistence, ...persistence },
    resources: { ...settings.resources, ...resources },
    networkPolicy: { ...settings.networkPolicy, ...networkPolicy },
  };
}

/** Section `stackyard:fluxiondb`: what all tenants have in common, and the tenants. */
export const FluxionDbSection = Shape.superRefine((section, context) => {
  for (const [user, tenant] of Object.entries(section.tenants)) {
    const wrong = (path: readonly PropertyKey[], message: string) =>
      context.addIssue({ code: "custom", path: ["tenants", user, ...path], message });

    const options = merged(section, user, tenant);
    for (const { path, message } of FluxionDbOptions.safeParse(options).error?.issues ?? []) wrong(path, message);
    const { apiKey } = tenant.secrets;
    const sources = [apiKey !== undefined, tenant.generateKey, options.secret.name !== undefined].filter(Boolean).length;
    if (sources === 0)
      wrong(["secrets", "apiKey"], "is missing: name a key of stackyard:secrets, or a Secret (secret.name), or set generateKey to true");
    if (sources > 1)
      wrong(["secrets", "apiKey"], "is one of secrets.apiKey, secret.name and generateKey, of which only one is used: take the others out");
  }
}).meta({ description: "FluxionDB: its tenants, and what all have in common." });

export type FluxionDbSection = z.output<typeof FluxionDbSection>;

/** A tenant with all that it has: of its own, from the section, and by default. */
export interface TenantOf {
  readonly options: FluxionDbPlan;
  /** Name of a key of `stackyard:secrets`. */
  readonly apiKey?: string;
  readonly generateKey: boolean;
}

export const tenantsOf = (section: FluxionDbSection): TenantOf[] =>
  Object.entries(section.tenants).map(([user, tenant]) => ({
    options: FluxionDbOptions.parse(merged(section, user, tenant)),
    apiKey: tenant.secrets.apiKey,
    generateKey: tenant.generateKey,
  }));

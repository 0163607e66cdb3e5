import * as z from "zod";
import { fluxionDbChartRefusals, FluxionDbChartSource } from "../components/fluxiondb/chart-options";
import { FluxionDbOptions, FluxionDbSettings, Ram, User, type FluxionDbPlan } from "../components/fluxiondb/options";
import { backupOf, OwnBackup } from "../components/kubernetes/backup-options";
import { RemoteKey, remoteOf } from "../components/kubernetes/external-secret-options";
import { CpuQuantity, DnsLabel, flag, NetworkPeer, Quantity } from "../components/kubernetes/options";
import { valueAt } from "./commands";
import { ExternalSecrets } from "./external-secrets";
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
    backup: OwnBackup.optional(),
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

const External = ExternalSecrets.extend({
  apiKey: RemoteKey.meta({ description: "Identifier of a tenant's key at the provider; {user} stands for the tenant." }),
}).meta({ description: "Let the External Secrets operator make the Secret of every tenant that does not say where its key is." });

/** The Secret that the operator makes, in the tenant's namespace. */
const EXTERNAL_SECRET = "fluxiondb-key";

const Shape = FluxionDbSettings.extend({
  tenants: z.record(User, Tenant).meta({ description: "Tenants, by user: each has a database in a namespace fluxiondb-<user>." }),
  externalSecrets: External.optional(),
  chart: FluxionDbChartSource,
});

type Section = z.output<typeof Shape>;

/** Where a tenant may say that its key is. */
const ownSources = ({ secrets, secret, generateKey }: Tenant, shared: Section) => ({
  "secret.name": secret?.name ?? shared.secret.name,
  "secrets.apiKey": secrets?.apiKey,
  generateKey: generateKey === true ? generateKey : undefined,
});

/** Whether the operator makes a tenant's Secret. */
const isExternal = (section: Section, tenant: Tenant): boolean =>
  section.externalSecrets !== undefined && Object.values(ownSources(tenant, section)).every((source) => source === undefined);

/** Settings of the section, and over them those of the tenant. */
function merged({ tenants: _, chart: __, externalSecrets: ___, ...settings }: Section, user: string, tenant: Tenant, external: boolean) {
  const { ram, suspended = settings.suspended, secret, persistence, backup, resources, networkPolicy } = tenant;
  const { requests, limits } = settings.resources;
  return {
    ...settings,
    user,
    ram,
    suspended,
    secret: { ...settings.secret, ...(external && { name: EXTERNAL_SECRET }), ...secret },
    persistence: { ...settings.persistence, ...persistence },
    backup: backupOf(settings.backup, backup),
    resources: { requests: { ...requests, ...resources?.requests }, limits: { ...limits, ...resources?.limits } },
    networkPolicy: { ...settings.networkPolicy, ...networkPolicy },
  };
}

type Context = z.core.$RefinementCtx<Section>;

/** What is wrong with a tenant once it has what it takes from the section: said of the tenant's option, or of the section's where that has it. */
function checkTenant(section: Section, user: string, context: Context): void {
  const tenant = section.tenants[user];
  if (tenant === undefined) return;
  const { data, error } = FluxionDbOptions.safeParse(merged(section, user, tenant, isExternal(section, tenant)));
  const refusals = data !== undefined && section.chart ? fluxionDbChartRefusals(data) : [];
  for (const { path, message } of [...(error?.issues ?? []), ...refusals]) {
    const own = valueAt(tenant, path) !== undefined;
    const whole = own ? ["tenants", user, ...path] : path;
    // what the section itself has wrong was said already, and is not said again for each tenant
    const said = context.issues.some(
      (issue) => `${issue.path?.join(".")}` === whole.join(".") && [undefined, message].includes(issue.message),
    );
    if (!said) context.addIssue({ code: "custom", path: whole, message });
  }
}

/** A tenant has its key from one place. */
function checkKey(section: Section, user: string, context: Context): void {
  const tenant = section.tenants[user];
  if (tenant === undefined || isExternal(section, tenant)) return;
  const [used, ...unused] = Object.entries(ownSources(tenant, section)).flatMap(([source, value]) => (value === undefined ? [] : [source]));
  const wrong = (path: string, message: string, remedy?: string) =>
    context.addIssue({ code: "custom", path: ["tenants", user, ...path.split(".")], message, params: { remedy } });
  if (used === undefined)
    wrong(
      "secrets.apiKey",
      "is missing: name a key of stackyard:secrets, or a Secret (secret.name), or set generateKey to true, or write externalSecrets for all",
    );
  for (const source of unused) wrong(source, `is not used beside ${used}: leave one of them out`, "remove");
}

/** Section `stackyard:fluxiondb`: what all tenants have in common, and the tenants. */
export const FluxionDbSection = Shape.superRefine((section, context) => {
  for (const user of Object.keys(section.tenants)) {
    checkTenant(section, user, context);
    checkKey(section, user, context);
  }
}).meta({ description: "FluxionDB: its tenants, and what all have in common." });

export type FluxionDbSection = z.output<typeof FluxionDbSection>;

/** A tenant with all that it has: of its own, from the section, and by default. */
export interface TenantOf {
  readonly options: FluxionDbPlan;
  /** Name of a key of `stackyard:secrets`. */
  readonly apiKey?: string;
  readonly generateKey: boolean;
  /** What the operator makes its Secret from: key of the Secret to identifier at the provider. */
  readonly external?: Readonly<Record<string, RemoteKey>>;
}

export const tenantsOf = (section: FluxionDbSection): TenantOf[] =>
  Object.entries(section.tenants).map(([user, tenant]) => {
    const options = FluxionDbOptions.parse(merged(section, user, tenant, isExternal(section, tenant)));
    const { apiKey } = section.externalSecrets ?? {};
    const remote = apiKey !== undefined && isExternal(section, tenant) ? remoteOf(apiKey) : undefined;
    return {
      options,
      apiKey: tenant.secrets.apiKey,
      generateKey: tenant.generateKey,
      external: remote && { [options.secret.key]: { ...remote, key: remote.key.replaceAll("{user}", user) } },
    };
  });

/** What all tenants of a section have in common; nothing where there is no section. */
export const settingsOf = (section: unknown): z.output<typeof FluxionDbSettings> | undefined =>
  section === undefined ? undefined : FluxionDbSettings.strip().parse(section);

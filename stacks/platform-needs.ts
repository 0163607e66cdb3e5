import { backupsOf } from "../components/platform/velero";
import { Refusal, tenantsOf, type LayerName, type Sections, type StackConfig } from "../config";
import { commandsFor, keyOf } from "../config/commands";
import type { StackOutputs } from "../outputs";

type Platform = NonNullable<StackOutputs["platform"]>;

/** Something of the platform that a section names. */
interface Need {
  /** Where it stands in the section. */
  readonly path: readonly string[];
  readonly what: keyof typeof HAS;
  /** Which one. Left out: any. */
  readonly name?: string;
}

/** What a platform has of each kind, by name. */
const HAS = {
  ClusterIssuer: ({ issuers }: Platform) => issuers,
  Gateway: ({ gateway }: Platform) => (gateway ? [`${gateway.namespace}/${gateway.name}`] : []),
  ClusterSecretStore: ({ secretStore }: Platform) => (secretStore ? [secretStore.name] : []),
  "operator of ServiceMonitors": ({ monitoring }: Platform) => (monitoring ? ["monitoring.coreos.com"] : []),
  "namespace of Velero": ({ backups }: Backups) => (backups ? [backups.namespace] : []),
  "Velero that takes snapshots": ({ backups }: Backups) => (backups?.snapshots ? [backups.namespace] : []),
} satisfies Readonly<Record<string, (platform: Platform) => readonly string[]>>;
type Backups = Pick<Platform, "backups">;

interface Exposed {
  readonly enabled: boolean;
  readonly clusterIssuer?: string;
  readonly gateway?: { readonly namespace: string; readonly name: string };
}

const exposed = ({ enabled, clusterIssuer, gateway }: Exposed, issuerAt = ["ingress", "clusterIssuer"]): Need[] => [
  ...(enabled && clusterIssuer !== undefined ? [{ path: issuerAt, what: "ClusterIssuer" as const, name: clusterIssuer }] : []),
  ...(enabled && gateway ? [{ path: ["ingress", "gateway"], what: "Gateway" as const, name: `${gateway.namespace}/${gateway.name}` }] : []),
];

interface Stored {
  readonly secretStoreRef: { readonly kind: string; readonly name?: string };
}

const stored = (external?: Stored): Need[] =>
  external?.secretStoreRef.kind === "ClusterSecretStore" && external.secretStoreRef.name !== undefined
    ? [{ path: ["externalSecrets", "secretStoreRef", "name"], what: "ClusterSecretStore", name: external.secretStoreRef.name }]
    : [];

/** What backups need of Velero. */
interface BackupNeed extends Need {
  readonly what: "namespace of Velero" | "Velero that takes snapshots";
}
interface Backup {
  readonly namespace: string;
  readonly volumes: string;
}

/** @param placeOf where the section says an option of the backup */
const backedUp = (backup: Backup | undefined, placeOf: (option: keyof Backup) => readonly string[]): BackupNeed[] => [
  ...(backup ? [{ path: placeOf("namespace"), what: "namespace of Velero" as const, name: backup.namespace }] : []),
  ...(backup?.volumes === "snapshots" ? [{ path: placeOf("volumes"), what: "Velero that takes snapshots" as const }] : []),
];

/** What each layer's backups need. */
const BACKUP_NEEDS: { readonly [Name in LayerName]?: (section: Sections[Name]) => BackupNeed[] } = {
  fluxiondb: (section) => {
    const needs = tenantsOf(section).flatMap(({ options: { user, backup } }) =>
      backedUp(backup, (option) => {
        const own = section.tenants[user]?.backup;
        return own !== undefined && own !== false && own[option] !== undefined ? ["tenants", user, "backup", option] : ["backup", option];
      }),
    );
    // what the section says is said once, not for each tenant
    return [...new Map(needs.map((need) => [need.path.join("."), need])).values()];
  },
  plinko: ({ backup }) => backedUp(backup, (option) => ["backup", option]),
};

/** What each layer's section names of the platform. */
const NEEDS: { readonly [Name in LayerName]?: (section: Sections[Name]) => Need[] } = {
  dotdo: ({ ingress, prometheus, externalSecrets }) => [
    ...exposed(ingress),
    ...stored(externalSecrets),
    ...(prometheus.serviceMonitor.enabled
      ? [{ path: ["prometheus", "serviceMonitor", "enabled"], what: "operator of ServiceMonitors" as const }]
      : []),
  ],
  fluxiondb: ({ ingress: { enabled, gateway, tls }, externalSecrets }) => {
    const clusterIssuer = tls.enabled ? (tls.clusterIssuer ?? undefined) : undefined;
    return [...exposed({ enabled, gateway, clusterIssuer }, ["ingress", "tls", "clusterIssuer"]), ...stored(externalSecrets)];
  },
  plinko: ({ ingress }) => exposed(ingress),
  starter: ({ ingress, externalSecrets }) => [...exposed(ingress), ...stored(externalSecrets.enabled ? externalSecrets : undefined)],
};

type Needs<Kind extends Need> = { readonly [Name in LayerName]?: (section: Sections[Name]) => Kind[] };

/** A need that is not met, and what there is instead. */
interface Missing extends Need {
  readonly layer: LayerName;
  readonly there: readonly string[];
}

/** Everything that sections need and that is not there. */
function missingIn<Kind extends Need>(layers: StackConfig["layers"], needs: Needs<Kind>, has: (kind: Kind["what"]) => readonly string[]) {
  const of = <Name extends LayerName>(layer: Name): Missing[] => {
    const section = layers[layer];
    return (section ? (needs[layer]?.(section) ?? []) : [])
      .map((need) => ({ ...need, layer, there: has(need.what) }))
      .filter(({ name, there }) => (name === undefined ? there.length === 0 : !there.includes(name)));
  };
  return (Object.keys(layers) as LayerName[]).flatMap((layer) => of(layer));
}

/** @throws Refusal that names each need, what there is, and what to type; nothing is thrown where all is there */
function refuse(stack: string, missing: readonly Missing[], said: string, remedy: string): void {
  if (missing.length === 0) return;
  const commands = commandsFor(stack);
  const lines = missing.flatMap(({ layer, path, what, name, there }) => [
    "",
    keyOf([layer, ...path]),
    `  the platform has no ${what}${name === undefined ? "" : ` "${name}"`}; it has ${there.join(", ") || "none"}`,
    `  $ ${commands.edit(remedy)}`,
  ]);
  throw new Refusal([said, ...lines].join("\n"));
}

/**
 * Ends the run where sections name what the platform of another stack has not.
 *
 * @throws Refusal that names each, what the platform has, and what to type
 */
export function refuseMissing({ stack, layers }: StackConfig, platformStack: string, platform: Platform): void {
  const has = (what: Need["what"]) => HAS[what](platform);
  refuse(
    stack,
    [...missingIn(layers, NEEDS, has), ...missingIn(layers, BACKUP_NEEDS, has)],
    `stack "${stack}" names what the platform of stack "${platformStack}" does not have; nothing was changed.`,
    `name one that is there, or have stack ${platformStack} make it and bring that up first`,
  );
}

/**
 * Ends the run where a stack deploys a platform that makes no such backups as its own sections ask for: nobody would make them, and nobody
 * would say so.
 *
 * @throws Refusal that names each, and what to type
 */
export function refuseWithoutBackups({ stack, layers }: StackConfig): void {
  if (layers.platform === undefined) return;
  const platform = { backups: backupsOf(layers.platform.velero) };
  refuse(
    stack,
    missingIn(layers, BACKUP_NEEDS, (what) => HAS[what](platform)),
    `stack "${stack}" asks for backups that its own platform does not make; nothing was changed.`,
    `add it to ${keyOf(["platform", "velero"])}, with \`existing: true\` where it is on the cluster already, or take the backup out`,
  );
}

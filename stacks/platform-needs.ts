import { Refusal, type LayerName, type Sections, type StackConfig } from "../config";
import { commandsFor, keyOf } from "../config/commands";
import type { StackOutputs } from "../outputs";

type Platform = NonNullable<StackOutputs["platform"]>;

/** Something of the platform that a section names. */
interface Need {
  /** Where it stands in the section. */
  readonly path: readonly string[];
  readonly what: keyof typeof HAS;
  readonly name: string;
}

/** What a platform has of each kind, by name. */
const HAS = {
  ClusterIssuer: ({ issuers }: Platform) => issuers,
  Gateway: ({ gateway }: Platform) => (gateway ? [`${gateway.namespace}/${gateway.name}`] : []),
  ClusterSecretStore: ({ secretStore }: Platform) => (secretStore ? [secretStore.name] : []),
  "operator of ServiceMonitors": ({ monitoring }: Platform) => (monitoring ? [SERVICE_MONITORS] : []),
};
const SERVICE_MONITORS = "monitoring.coreos.com";

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

/** What each layer's section names of the platform. */
const NEEDS: { readonly [Name in LayerName]?: (section: Sections[Name]) => Need[] } = {
  dotdo: ({ ingress, prometheus, externalSecrets }) => [
    ...exposed(ingress),
    ...stored(externalSecrets),
    ...(prometheus.serviceMonitor.enabled
      ? [{ path: ["prometheus", "serviceMonitor", "enabled"], what: "operator of ServiceMonitors" as const, name: SERVICE_MONITORS }]
      : []),
  ],
  fluxiondb: ({ ingress: { enabled, gateway, tls }, externalSecrets }) => {
    const clusterIssuer = tls.enabled ? (tls.clusterIssuer ?? undefined) : undefined;
    return [...exposed({ enabled, gateway, clusterIssuer }, ["ingress", "tls", "clusterIssuer"]), ...stored(externalSecrets)];
  },
  plinko: ({ ingress }) => exposed(ingress),
  starter: ({ ingress, externalSecrets }) => [...exposed(ingress), ...stored(externalSecrets.enabled ? externalSecrets : undefined)],
};

const needsOf = <Name extends LayerName>(name: Name, layers: StackConfig["layers"]): Need[] => {
  const section = layers[name];
  return section ? (NEEDS[name]?.(section) ?? []) : [];
};

/**
 * Ends the run where sections name what the platform has not.
 *
 * @throws Refusal that names each, what the platform has, and what to type
 */
export function refuseMissing({ stack, layers }: StackConfig, platformStack: string, platform: Platform): void {
  const missing = (Object.keys(layers) as LayerName[]).flatMap((layer) =>
    needsOf(layer, layers)
      .map((need) => ({ ...need, layer, there: HAS[need.what](platform) }))
      .filter(({ name, there }) => !there.includes(name)),
  );
  if (missing.length === 0) return;
  const commands = commandsFor(stack);
  const lines = missing.flatMap(({ layer, path, what, name, there }) => [
    "",
    keyOf([layer, ...path]),
    `  the platform has no ${what}${name === SERVICE_MONITORS ? "" : ` "${name}"`}; it has ${there.join(", ") || "none"}`,
    `  $ ${commands.edit(`name one that is there, or have stack ${platformStack} make it and bring that up first`)}`,
  ]);
  throw new Refusal(
    [`stack "${stack}" names what the platform of stack "${platformStack}" does not have; nothing was changed.`, ...lines].join("\n"),
  );
}

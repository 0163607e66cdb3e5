import { Platform } from "../components/platform";
import { namedSecrets } from "../components/platform/plan";
import { secretOf, type PlatformSection } from "../config";
import type { Deployed, LayerContext } from "./layer";

const NAME = "platform";

/** Layer `platform`: what the systems need of a cluster, as far as it is not there already. */
export function deployPlatform({ provider, protect }: LayerContext, section: PlatformSection): Deployed {
  const names = new Set(namedSecrets(section).map(({ name }) => name));
  const secretValues = Object.fromEntries([...names].map((name) => [name, secretOf(name)]));
  const platform = new Platform(NAME, { ...section, secretValues, protectNamespaces: protect }, { provider });

  const { gateway, monitoring, secretStore } = platform;
  return {
    outputs: {
      issuers: platform.issuers,
      gateway: gateway && { ...gateway },
      ingress: platform.ingress,
      secretStore: secretStore === undefined ? undefined : { kind: "ClusterSecretStore", name: secretStore },
      monitoring,
      lokiUrl: platform.lokiUrl,
      resourceMetrics: platform.resourceMetrics,
      customMetrics: platform.customMetrics,
      linkerd: platform.linkerd,
      storageClasses: platform.storageClasses,
      defaultStorageClass: platform.defaultStorageClass,
      snapshotClasses: platform.snapshotClasses,
      backups: platform.backups,
    },
    served: gateway ? [{ urls: Object.keys(gateway.listeners).map((host) => `https://${host}`) }] : [],
    kept: platform.keptNamespaces.map((name) => ({ kind: "Namespace", name })),
    operators: [platform],
  };
}

import * as z from "zod";
import { DnsLabel, Duration } from "./options";

/** What is asked of the External Secrets operator. */

const PROVIDER_KEY = { error: "is no identifier of the provider: write it as text, such as prod/database_url" };
const ProviderKey = z.string(PROVIDER_KEY).min(1, PROVIDER_KEY);

export const RemoteKey = z
  .union(
    [
      ProviderKey,
      z.strictObject({
        key: ProviderKey.meta({ description: "Identifier of the secret at the provider." }),
        property: ProviderKey.optional().meta({ description: "Field of it, where the secret is a document." }),
        version: ProviderKey.optional().meta({ description: "Version of it. Default: the newest." }),
      }),
    ],
    { error: "is no provider secret: write its identifier, or { key, property, version }" },
  )
  .meta({ description: "Identifier of a secret at the provider." });
export type RemoteKey = z.output<typeof RemoteKey>;

/** A remote key in its long form. */
export const remoteOf = (key: RemoteKey) => (typeof key === "string" ? { key } : key);

export const SecretStoreRef = z
  .strictObject({
    name: DnsLabel.optional().meta({ description: "Name of the store. There is no default." }),
    kind: z.enum(["ClusterSecretStore", "SecretStore"]).default("ClusterSecretStore").meta({ description: "Kind of the store." }),
  })
  .prefault({})
  .meta({ description: "Store that the operator reads." });

export const RefreshInterval = Duration.default("1h").meta({ description: "Time after which the operator reads the store again." });

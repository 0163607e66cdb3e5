import { z } from "zod";
import { DnsLabel, Duration, flag, text } from "../kubernetes/options";

/** Where the variables that are secret come from. */

export const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;
export const Variable = text(VARIABLE, "name of a variable: use letters, digits and _, no digit first");

/** What is given may be the secret itself: no error repeats it. */
export const Secrets = z
  .record(Variable, z.string({ error: "is no text" }).min(1, { error: "is empty: give the value, or leave it out" }))
  .default({})
  .meta({ description: "Variables of the Secret that is made, while externalSecrets.enabled is false: name to value." });

const PROVIDER_KEY = { error: "is no identifier of the provider: write it as text, such as prod/database_url" };
const ProviderKey = z.string(PROVIDER_KEY).min(1, PROVIDER_KEY);

const RemoteKey = z
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

const Mapping = (component: string) =>
  z
    .strictObject({
      data: z
        .record(Variable, RemoteKey)
        .default({})
        .meta({ description: "Name of the variable to identifier of the secret at the provider." }),
    })
    .prefault({})
    .meta({ description: `Secrets of ${component}.` });

export const ExternalSecrets = z
  .strictObject({
    enabled: flag(true, "Let the External Secrets operator (external-secrets.io/v1) make the Secrets. False: they are made from values."),
    secretStoreRef: z
      .strictObject({
        name: DnsLabel.optional().meta({ description: "Name of the store. There is no default." }),
        kind: z.enum(["ClusterSecretStore", "SecretStore"]).default("ClusterSecretStore").meta({ description: "Kind of the store." }),
      })
      .prefault({})
      .meta({ description: "Store that the operator reads." }),
    refreshInterval: Duration.default("1h").meta({ description: "Time after which the operator reads the store again." }),
    revision: z
      .string({ error: "is no text: write it in quotes" })
      .regex(/^[\w.-]*$/, { error: ({ input }) => `${JSON.stringify(input)} is no revision: use letters, digits, _, . and -` })
      .default("")
      .meta({ description: "Any text. A change reads the store again and rolls the pods to what it holds now." }),
    api: Mapping("the API"),
    web: Mapping("web"),
    worker: Mapping("the worker; without any it has those of the API"),
  })
  .prefault({})
  .meta({ description: "External Secrets." });

import * as z from "zod";
import { RefreshInterval, RemoteKey, SecretStoreRef } from "../kubernetes/external-secret-options";
import { flag, text } from "../kubernetes/options";

/** Where the variables that are secret come from. */

export const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;
export const Variable = text(VARIABLE, "name of a variable: use letters, digits and _, no digit first");

/** What is given may be the secret itself: no error repeats it. */
export const Secrets = z
  .record(Variable, z.string({ error: "is no text" }).min(1, { error: "is empty: give the value, or leave it out" }))
  .default({})
  .meta({ description: "Variables of the Secret that is made, while externalSecrets.enabled is false: name to value." });

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
    secretStoreRef: SecretStoreRef,
    refreshInterval: RefreshInterval,
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

import * as z from "zod";
import { RefreshInterval, SecretStoreRef } from "../components/kubernetes/external-secret-options";

/** From where, and how often, the External Secrets operator reads what a section maps. */
export const ExternalSecrets = z.strictObject({
  secretStoreRef: SecretStoreRef.refine(({ name }) => name !== undefined, {
    path: ["name"],
    error: "is missing: name the store that the operator reads",
  }),
  refreshInterval: RefreshInterval,
});
export type ExternalSecrets = z.output<typeof ExternalSecrets>;

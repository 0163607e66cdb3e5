import type { Rule } from "../rule";
import { dotdoHashKey, dotdoScaling, noCookieBesideHash } from "./dotdo";
import { fluxionDbMemory, fluxionDbOneReplica, fluxionDbStorage } from "./fluxiondb";
import { ownNamespace } from "./namespaces";
import { oneScaler } from "./scaling";
import { imagePinned, noSecretInClear, resourcesSet } from "./workloads";

/** Every rule of the pack: one const in the file of its family, and one line here. */
export const RULES: readonly Rule[] = [
  imagePinned,
  resourcesSet,
  noSecretInClear,
  ownNamespace,
  oneScaler,
  dotdoHashKey,
  noCookieBesideHash,
  dotdoScaling,
  fluxionDbOneReplica,
  fluxionDbMemory,
  fluxionDbStorage,
];

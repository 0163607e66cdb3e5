import type { Rule } from "../rule";
import { imagePinned, noSecretInEnv, resourcesSet } from "./containers";
import { dotdoHashKey, dotdoScaling, noCookieBesideHash } from "./dotdo";
import { fluxionDbMemory, fluxionDbNoAutoscaler, fluxionDbOneReplica, fluxionDbStorage, fluxionDbStorageOfMemory } from "./fluxiondb";
import { noSecretInConfigMap, ownNamespace } from "./objects";
import { oneScaler } from "./wiring";

/** Every rule of the pack: one const in the file of its family, and its name here. */
const all = [
  fluxionDbOneReplica,
  fluxionDbMemory,
  fluxionDbStorage,
  fluxionDbStorageOfMemory,
  fluxionDbNoAutoscaler,
  dotdoHashKey,
  noCookieBesideHash,
  dotdoScaling,
  imagePinned,
  resourcesSet,
  noSecretInEnv,
  ownNamespace,
  noSecretInConfigMap,
  oneScaler,
] as const;

export type RuleId = (typeof all)[number]["id"];
export const RULES: readonly Rule[] = all;

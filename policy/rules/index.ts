import type { Rule } from "../rule";
import { imagePinned, noSecretInEnv, resourcesSet } from "./containers";
import { dotdoHashKey, dotdoScaling, noCookieBesideHash } from "./dotdo";
import { fluxionDbMemory, fluxionDbNoAutoscaler, fluxionDbOneReplica, fluxionDbStorage, fluxionDbStorageOfMemory } from "./fluxiondb";
import { namespacePodSecurity } from "./namespaces";
import { noSecretInConfigMap, ownNamespace } from "./objects";
import { routeBackendExists, servicePortOfPods, statefulSetHasService } from "./backends";
import { budgetLetsPodsGo, budgetSelectsPods, oneBudget } from "./disruption";
import { bindingExists, oneObject, podReferencesExist, serviceAccountExists } from "./references";
import { limitRangeHeld, quotaAmountsSet, quotaHasRoom } from "./room";
import { autoscalerHasRequests, autoscalerHasTarget, oneAutoscaler, oneScaler } from "./scaling";
import { networkPolicySelectsPods, ownTemplate, podsHaveNetworkPolicy, serviceSelectsPods } from "./selectors";

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
  namespacePodSecurity,
  noSecretInConfigMap,
  ownTemplate,
  serviceSelectsPods,
  servicePortOfPods,
  statefulSetHasService,
  routeBackendExists,
  networkPolicySelectsPods,
  podsHaveNetworkPolicy,
  oneScaler,
  oneAutoscaler,
  autoscalerHasTarget,
  autoscalerHasRequests,
  budgetSelectsPods,
  budgetLetsPodsGo,
  oneBudget,
  quotaHasRoom,
  quotaAmountsSet,
  limitRangeHeld,
  serviceAccountExists,
  bindingExists,
  podReferencesExist,
  oneObject,
] as const;

export type RuleId = (typeof all)[number]["id"];
export const RULES: readonly Rule[] = all;

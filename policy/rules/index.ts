import type { Rule } from "../rule";
import { noRemovedApi } from "./api-versions";
import { disruptionBudget, enoughReplicas, podsSpread, rollingUpdate } from "./availability";
import { routeBackendExists, servicePortOfPods, statefulSetHasService } from "./backends";
import {
  chartNumbers,
  dotdoChartHash,
  dotdoChartScaling,
  fluxionDbChartMemory,
  fluxionDbChartOnePod,
  fluxionDbChartStorage,
  plinkoChartVolume,
  starterChartOneScaler,
  starterChartStore,
} from "./chart-values";
import { imagePinned, imagePullPolicy, imageRegistry, resourcesSet } from "./containers";
import { budgetLetsPodsGo, budgetSelectsPods, oneBudget } from "./disruption";
import { dotdoHashKey, dotdoScaling, noCookieBesideHash } from "./dotdo";
import { dotdoDrain, dotdoHeadless, dotdoState } from "./dotdo-pods";
import { noSecretInEnv, secretsAsFiles, uniqueEnv } from "./env";
import { hostsNamed, ingressTls, noIngressSnippet, serviceInternal } from "./exposure";
import {
  fluxionDbCpu,
  fluxionDbMemory,
  fluxionDbNoAutoscaler,
  fluxionDbOneReplica,
  fluxionDbStorage,
  fluxionDbStorageOfMemory,
} from "./fluxiondb";
import { fluxionDbInternal, fluxionDbKey } from "./fluxiondb-access";
import { fluxionDbKept, fluxionDbNetworkPolicy, fluxionDbNotScaled, fluxionDbOneANamespace, fluxionDbQuota } from "./fluxiondb-namespaces";
import {
  appArmorProfile,
  noHostNamespaces,
  noHostPath,
  noHostPort,
  noProbeHost,
  procMasked,
  safeSysctls,
  seLinuxOptions,
  volumeTypes,
} from "./host-access";
import { namespacePodSecurity } from "./namespaces";
import { noSecretInConfigMap, ownNamespace } from "./objects";
import { plinkoNginx, plinkoOrder, plinkoVolume, plinkoWaits } from "./plinko";
import { capabilitiesDropped, noPrivilegeEscalation, noPrivileged, nonRoot, readOnlyRoot, seccompProfile } from "./pod-security";
import { probePort, probesDiffer, probesSet } from "./probes";
import { noAdminBinding, noEscalation, noSecretListing, noWildcardRole } from "./rbac";
import { bindingExists, oneObject, podReferencesExist, serviceAccountExists } from "./references";
import { chartAllowed, chartImageTags, chartOptions, chartSecrets, chartVersion } from "./releases";
import { limitRangeHeld, quotaAmountsSet, quotaHasRoom } from "./room";
import { autoscalerHasRequests, autoscalerHasTarget, oneAutoscaler, oneScaler } from "./scaling";
import { networkPolicySelectsPods, ownTemplate, podsHaveNetworkPolicy, serviceSelectsPods } from "./selectors";
import { starterBilling, starterExternalSecrets, starterMigrated } from "./starter";
import { rwoOnePod, rwxClass } from "./volumes";
import { cronDeadline, labelsSet, noBarePod, noToken } from "./workloads";

/** Every rule of the pack: one const in the file of its family, and its name here. */
const all = [
  fluxionDbOneReplica,
  fluxionDbMemory,
  fluxionDbStorage,
  fluxionDbStorageOfMemory,
  fluxionDbCpu,
  fluxionDbNoAutoscaler,
  fluxionDbNotScaled,
  fluxionDbOneANamespace,
  fluxionDbQuota,
  fluxionDbNetworkPolicy,
  fluxionDbKept,
  fluxionDbInternal,
  fluxionDbKey,
  dotdoHashKey,
  noCookieBesideHash,
  dotdoScaling,
  dotdoHeadless,
  dotdoDrain,
  dotdoState,
  plinkoOrder,
  plinkoWaits,
  plinkoVolume,
  plinkoNginx,
  starterBilling,
  starterMigrated,
  starterExternalSecrets,
  rwxClass,
  rwoOnePod,
  noHostNamespaces,
  noHostPath,
  volumeTypes,
  safeSysctls,
  seLinuxOptions,
  appArmorProfile,
  noToken,
  noBarePod,
  labelsSet,
  cronDeadline,
  enoughReplicas,
  podsSpread,
  disruptionBudget,
  rollingUpdate,
  noPrivileged,
  noPrivilegeEscalation,
  capabilitiesDropped,
  seccompProfile,
  nonRoot,
  readOnlyRoot,
  noHostPort,
  procMasked,
  noProbeHost,
  imagePinned,
  imageRegistry,
  imagePullPolicy,
  resourcesSet,
  probesSet,
  probesDiffer,
  probePort,
  noSecretInEnv,
  secretsAsFiles,
  uniqueEnv,
  ownNamespace,
  namespacePodSecurity,
  noSecretInConfigMap,
  serviceInternal,
  ingressTls,
  hostsNamed,
  noIngressSnippet,
  noWildcardRole,
  noAdminBinding,
  noSecretListing,
  noEscalation,
  noRemovedApi,
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
  chartAllowed,
  chartVersion,
  chartImageTags,
  chartSecrets,
  chartOptions,
  chartNumbers,
  fluxionDbChartOnePod,
  fluxionDbChartMemory,
  fluxionDbChartStorage,
  dotdoChartScaling,
  dotdoChartHash,
  plinkoChartVolume,
  starterChartStore,
  starterChartOneScaler,
] as const;

export type RuleId = (typeof all)[number]["id"];
export const RULES: readonly Rule[] = all;

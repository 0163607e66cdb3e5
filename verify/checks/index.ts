import type { Check } from "../check";
import { certificates, issuerReady } from "./certificates";
import { addressGiven, edgeAccepted, servicesServed } from "./edge";
import { dataFiles, health } from "./health";
import { claimBound, exists, namespaceActive } from "./objects";
import { reachable } from "./outside";
import { secretsPresent, secretSynced, storeHealthy } from "./secrets";
import { autoscaler, enoughMemory, jobComplete, loadKnown, podsReady } from "./workloads";

/** All rows, in the order in which they are told. */
export const CHECKS: readonly Check[] = [
  exists,
  namespaceActive,
  storeHealthy,
  secretSynced,
  secretsPresent,
  claimBound,
  jobComplete,
  dataFiles,
  podsReady,
  enoughMemory,
  autoscaler,
  loadKnown,
  health,
  servicesServed,
  issuerReady,
  certificates,
  addressGiven,
  edgeAccepted,
  reachable,
];

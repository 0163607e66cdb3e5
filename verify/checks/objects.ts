import type { V1Namespace, V1PersistentVolumeClaim } from "@kubernetes/client-node";
import { bytes } from "../../sizing/quantity";
import { describe, failed, passed, type Check } from "../check";

/** Asked of whatever is there. What is missing is said before any row is looked at. */
export const exists: Check = {
  id: "exists",
  title: "everything that was deployed is there",
  source: ["plinko-1", "dotdo-3"],
  kinds: ["*"],
  check: ({ live }) => (live.metadata?.deletionTimestamp === undefined ? passed("is there") : failed("is being deleted")),
  next: describe,
};

export const namespaceActive: Check<V1Namespace> = {
  id: "namespace-active",
  title: "namespaces are active",
  source: ["plinko-1"],
  kinds: ["Namespace"],
  check: ({ live }) => (live.status?.phase === "Active" ? passed("active") : failed(`is ${live.status?.phase ?? "in no phase"}`)),
  next: describe,
};

const sizeOf = (resources: Readonly<Record<string, string>> | undefined) => (resources?.storage ? bytes(resources.storage) : 0);

export const claimBound: Check<V1PersistentVolumeClaim> = {
  id: "claim-bound",
  title: "claims are bound, to volumes of the size that was asked for",
  source: ["plinko-2", "fluxiondb-3"],
  kinds: ["PersistentVolumeClaim"],
  check({ live, deployed }) {
    const { phase, capacity } = live.status ?? {};
    if (phase !== "Bound") return failed(`is ${phase ?? "in no phase"}`);
    const asked = deployed.asked as Partial<V1PersistentVolumeClaim>;
    const wanted = (asked.spec ?? live.spec)?.resources?.requests;
    if (sizeOf(capacity) < sizeOf(wanted)) return failed(`has ${capacity?.storage ?? "nothing"} of ${wanted?.storage}`);
    return passed(`bound, ${capacity?.storage}`);
  },
  next: describe,
};

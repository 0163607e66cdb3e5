import type { types } from "@pulumi/kubernetes";
import { ANNOTATIONS, sizeOf } from "../../sizing/fluxiondb";
import { bytes } from "../../sizing/quantity";
import type { KubernetesObject } from "../object";
import { eachContainer, podTemplateOf, workloadOf } from "../pods";
import { objectRule, stackRule } from "../rule";

type ClaimSpec = types.output.core.v1.PersistentVolumeClaimSpec;

const isFluxionDb = (object: KubernetesObject): boolean =>
  object.isPartOf("stackyard:fluxiondb:FluxionDb", "stackyard:fluxiondb:FluxionDbChart");
const isDatabase = (object: KubernetesObject): boolean =>
  isFluxionDb(object) && (object.kind === "StatefulSet" || object.kind === "Deployment");

/** The tenant, by the name of its component, which no transform can change: of `fluxiondb-alice-database`, alice. */
const tenantOf = ({ name }: KubernetesObject): string => name.replace(/^fluxiondb-/, "").replace(/-[a-z]+$/, "");

export const fluxionDbOneReplica = objectRule({
  id: "fluxiondb-one-replica",
  family: "fluxiondb",
  severity: "critical",
  refusesUnknown: true,
  reason: "Two FluxionDB processes write the same files, and each overwrites what the other has written.",
  remedy: "Leave spec.replicas at 1: a tenant grows by its RAM, and is suspended by `suspended: true`.",
  source: "seed 001, Single-Pod Architecture; contract 2.1",
  check: (object, report) => {
    if (!isDatabase(object)) return;
    const replicas = workloadOf(object)?.replicas ?? 1;
    const suspended = object.metadata.annotations?.[ANNOTATIONS.suspended] !== undefined;
    if (replicas === 1 || (replicas === 0 && suspended)) return;
    const unmarked = replicas === 0 ? ` without annotation ${ANNOTATIONS.suspended}` : "";
    report({ tenant: tenantOf(object), field: "spec.replicas", problem: `is ${replicas}${unmarked}, and has to be 1` });
  },
});

export const fluxionDbMemory = objectRule({
  id: "fluxiondb-memory",
  family: "fluxiondb",
  severity: "high",
  refusesUnknown: true,
  reason: "A database that lives in memory is killed, and loses what it has not written, where its node has promised more than it has.",
  remedy: "Give it as much memory as request and as limit: both follow from the tenant's RAM.",
  source: "seed 001, Quick Start; contract 2.1, Sizing rule",
  check: (object, report) => {
    if (!isFluxionDb(object)) return;
    eachContainer(object, ({ container: { resources }, name, path }) => {
      const [request, limit] = [resources?.requests?.["memory"], resources?.limits?.["memory"]];
      if (request !== undefined && limit !== undefined && bytes(request) === bytes(limit)) return;
      const problem = `is ${request ?? "missing"}, and has to be the limit, which is ${limit ?? "missing"}`;
      report({ tenant: tenantOf(object), container: name, field: `${path}resources.requests.memory`, problem });
    });
  },
});

/** What is wrong with what a claim requests for a database of this RAM. */
function storageProblem(claim: KubernetesObject, ram: string): string | undefined {
  const storage = claim.spec<ClaimSpec>().resources?.requests?.["storage"];
  const asked = claim.metadata.annotations?.[ANNOTATIONS.storage];
  const twice = sizeOf(ram).storage;
  if (storage === undefined) return `is missing, and has to be twice the RAM of ${ram}: ${twice}`;
  const [given, least] = [bytes(storage), bytes(twice)];
  if (given === least || (given > least && asked !== undefined && bytes(asked) === given)) return undefined;
  return `is ${storage}, and has to be twice the RAM of ${ram}: ${twice}`;
}
const STORAGE = "spec.resources.requests.storage";
const storageRemedy = "Take it from the tenant's RAM; for more, set persistence.size.";

export const fluxionDbStorage = objectRule({
  id: "fluxiondb-storage",
  family: "fluxiondb",
  severity: "high",
  refusesUnknown: true,
  reason: "All data are in memory and on the volume: less than twice the RAM runs full, more is paid for and never used.",
  remedy: storageRemedy,
  source: "seed 001, Quick Start: storage is 2 × RAM",
  check: (object, report) => {
    if (!isFluxionDb(object) || object.kind !== "PersistentVolumeClaim") return;
    const ram = object.metadata.annotations?.[ANNOTATIONS.ram];
    const problem = ram === undefined ? undefined : storageProblem(object, ram);
    if (problem !== undefined) report({ tenant: tenantOf(object), field: STORAGE, problem });
  },
});

export const fluxionDbStorageOfMemory = stackRule({
  id: "fluxiondb-storage-of-memory",
  family: "fluxiondb",
  severity: "high",
  refusesUnknown: true,
  reason: "The RAM that counts is what the database really gets, whatever its claim says of it.",
  remedy: storageRemedy,
  source: "seed 001, Quick Start: storage is 2 × RAM",
  checkIn: (object, stack, report) => {
    if (!isDatabase(object)) return;
    const tenant = tenantOf(object);
    const limit = podTemplateOf(object)?.spec?.containers?.[0]?.resources?.limits?.["memory"];
    // a claim that is nobody's in this stack is kept from before: admission judges it
    const claim = stack.ofKind("PersistentVolumeClaim").find((claim) => isFluxionDb(claim) && tenantOf(claim) === tenant);
    const problem = limit === undefined || claim === undefined ? undefined : storageProblem(claim, limit);
    if (problem !== undefined) report({ tenant, field: STORAGE, problem: `of ${claim!.title} ${problem}` });
  },
});

export const fluxionDbNoAutoscaler = objectRule({
  id: "fluxiondb-no-autoscaler",
  family: "fluxiondb",
  severity: "critical",
  reason: "An autoscaler starts the second process that writes the same files.",
  remedy: "Take it out: a tenant grows by its RAM.",
  source: "seed 001, Single-Pod Architecture",
  check: (object, report) => {
    if (!isFluxionDb(object) || object.kind !== "HorizontalPodAutoscaler") return;
    report({ tenant: tenantOf(object), field: "spec.scaleTargetRef", problem: "is a database, which is never scaled out" });
  },
});

import type { types } from "@pulumi/kubernetes";
import { ANNOTATIONS, cpuIn, REPLICAS, sizeOf } from "../../sizing/fluxiondb";
import { bytes } from "../../sizing/quantity";
import { millicores } from "../../sizing/cpu";
import type { KubernetesObject } from "../object";
import { eachContainer, podTemplateOf, workloadOf } from "../pods";
import { objectRule, stackRule } from "../rule";
import { isDatabase, isFluxionDb, tenantOf } from "../systems";

type ClaimSpec = types.output.core.v1.PersistentVolumeClaimSpec;

export const fluxionDbOneReplica = objectRule({
  id: "fluxiondb-one-replica",
  family: "fluxiondb",
  severity: "critical",
  refusesUnknown: true,
  reason: "Two FluxionDB processes write the same files, and each overwrites what the other has written.",
  remedy: `Leave spec.replicas at ${REPLICAS}: a tenant grows by its RAM, and is suspended by suspended: true.`,
  source: "seed 001, Single-Pod Architecture; contract 2.1",
  check: (object, report) => {
    if (!isDatabase(object)) return;
    const replicas = workloadOf(object)?.replicas ?? REPLICAS;
    const suspended = object.metadata.annotations?.[ANNOTATIONS.suspended] !== undefined;
    if (replicas === REPLICAS || (replicas === 0 && suspended)) return;
    const unmarked = replicas === 0 ? ` without annotation ${ANNOTATIONS.suspended}` : "";
    report({ tenant: tenantOf(object), field: "spec.replicas", problem: `is ${replicas}${unmarked}, and has to be ${REPLICAS}` });
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
    const claim = stack.inNamespace(object.namespace, "PersistentVolumeClaim").find(isFluxionDb);
    const problem = limit === undefined || claim === undefined ? undefined : storageProblem(claim, limit);
    if (problem !== undefined) report({ tenant, field: STORAGE, problem: `of ${claim!.title} ${problem}` });
  },
});

export const fluxionDbCpu = objectRule({
  id: "fluxiondb-cpu",
  family: "fluxiondb",
  severity: "low",
  reason: "With less CPU than its RAM needs a database falls behind its writes; with more, other tenants of the node go short.",
  remedy: "Take it from the tenant's RAM; for other CPU set resources.requests.cpu or resources.limits.cpu of the tenant.",
  source: "seed 001, Resource Parameters and examples 1 and 2",
  check: (object, report) => {
    if (!isDatabase(object)) return;
    const template = podTemplateOf(object);
    const { name, resources } = template?.spec?.containers?.[0] ?? {};
    const ram = resources?.limits?.["memory"];
    if (ram === undefined) return; // fluxiondb-memory says so
    const asked = object.metadata.annotations?.[ANNOTATIONS.cpu];
    const wanted = (asked === undefined ? undefined : cpuIn(asked)) ?? sizeOf(ram).cpu;
    for (const [amounts, amount] of [
      ["requests", wanted.request],
      ["limits", wanted.limit],
    ] as const) {
      const given = resources?.[amounts]?.["cpu"];
      if (given !== undefined && millicores(given) === millicores(amount)) continue;
      const why = asked === undefined ? `for ${ram} of RAM` : `by annotation ${ANNOTATIONS.cpu}`;
      const field = `${template!.path}spec.containers[0].resources.${amounts}.cpu`;
      report({ tenant: tenantOf(object), container: name, field, problem: `is ${given ?? "missing"}, and has to be ${amount} ${why}` });
    }
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

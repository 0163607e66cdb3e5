import type { types } from "@pulumi/kubernetes";
import { ANNOTATIONS, REPLICAS, sizeOf } from "../../sizing/fluxiondb";
import { bytes } from "../../sizing/quantity";
import { isOneNode } from "../../sizing/volumes";
import type { KubernetesObject } from "../object";
import { eachLeaf, releaseOf } from "../release";
import { objectRule, stackRule } from "../rule";
import { isDotdo, isFluxionDb, isPlinko, isStarter, tenantOf } from "../systems";

type ClaimSpec = types.output.core.v1.PersistentVolumeClaimSpec;
interface Amounts {
  readonly memory?: string;
}
/** Values of FluxionDB's chart that rules of it map to (seed 001; contract 2). */
interface FluxionDbValues {
  readonly replicaCount?: number;
  readonly autoscaling?: { readonly enabled?: boolean };
  readonly resources?: { readonly requests?: Amounts; readonly limits?: Amounts };
  readonly persistence?: { readonly enabled?: boolean; readonly existingClaim?: string; readonly size?: string };
}
/** Of dotdo's (seed 000; contract 1). */
interface DotdoValues {
  readonly autoscaling?: { readonly enabled?: boolean; readonly minReplicas?: number; readonly maxReplicas?: number };
  readonly ingress?: { readonly enabled?: boolean; readonly annotations?: Readonly<Record<string, string | null>> };
}
/** Of Plinko's (seed 002; contract 3). */
interface PlinkoValues {
  readonly persistence?: { readonly accessMode?: string; readonly storageClass?: string | null };
}
/** What the starter's chart can scale. */
const SCALED = ["api", "web"] as const;
type Scaled = (typeof SCALED)[number];
/** Of the starter's (seed 004; contract 4). */
interface StarterValues extends Readonly<Partial<Record<Scaled, { readonly replicaCount?: number | null }>>> {
  readonly autoscaling?: { readonly enabled?: boolean } & Readonly<Partial<Record<Scaled, { readonly enabled?: boolean }>>>;
  readonly externalSecrets?: { readonly enabled?: boolean; readonly secretStoreRef?: { readonly name?: string } } & Readonly<
    Partial<Record<"api" | "web" | "worker", { readonly data?: object }>>
  >;
}

/** Values of the release that a system's component makes; nothing for other objects. */
const valuesOf = <Values>(object: KubernetesObject, component: string): Values | undefined =>
  releaseOf(object, component) && ((object.props["values"] ?? {}) as Values);

const FLUXIONDB = "stackyard:fluxiondb:FluxionDbChart";
const DOTDO = "stackyard:dotdo:DotdoChart";
const PLINKO = "stackyard:plinko:PlinkoChart";
const STARTER = "stackyard:starter:StarterChart";

export const fluxionDbChartOnePod = objectRule({
  id: "fluxiondb-chart-one-pod",
  family: "releases",
  severity: "critical",
  refusesUnknown: true,
  reason: "Two FluxionDB processes write the same files, and each overwrites what the other has written.",
  remedy: "Leave replicaCount at 1, or 0 by `suspended: true`, and autoscaling out.",
  source: "seed 001, Single-Pod Architecture; contract 2.1",
  check: (object, report) => {
    const values = valuesOf<FluxionDbValues>(object, FLUXIONDB);
    if (values === undefined) return;
    const tenant = tenantOf(object);
    const { replicaCount = REPLICAS, autoscaling } = values;
    if (replicaCount !== REPLICAS && replicaCount !== 0)
      report({ tenant, field: "values.replicaCount", problem: `is ${replicaCount}, and has to be ${REPLICAS}` });
    if (autoscaling?.enabled === true)
      report({ tenant, field: "values.autoscaling.enabled", problem: "is true, and a database is never scaled out" });
  },
});

export const fluxionDbChartMemory = objectRule({
  id: "fluxiondb-chart-memory",
  family: "releases",
  severity: "high",
  refusesUnknown: true,
  reason: "A database that lives in memory is killed, and loses what it has not written, where its node has promised more than it has.",
  remedy: "Give it as much memory as request and as limit: both follow from the tenant's RAM.",
  source: "seed 001, Quick Start; contract 2.1, Sizing rule",
  check: (object, report) => {
    const values = valuesOf<FluxionDbValues>(object, FLUXIONDB);
    if (values === undefined) return;
    const [request, limit] = [values.resources?.requests?.memory, values.resources?.limits?.memory];
    if (request !== undefined && limit !== undefined && bytes(request) === bytes(limit)) return;
    const problem = `is ${request ?? "missing"}, and has to be the limit, which is ${limit ?? "missing"}`;
    report({ tenant: tenantOf(object), field: "values.resources.requests.memory", problem });
  },
});

export const fluxionDbChartStorage = stackRule({
  id: "fluxiondb-chart-storage",
  family: "releases",
  severity: "high",
  refusesUnknown: true,
  reason: "All data are in memory and on the volume: less than twice the RAM runs full, more is paid for and never used.",
  remedy: "Take it from the tenant's RAM; for more, set persistence.size of the tenant.",
  source: "seed 001, Quick Start: storage is 2 × RAM",
  checkIn: (object, stack, report) => {
    const values = valuesOf<FluxionDbValues>(object, FLUXIONDB);
    const ram = values?.resources?.limits?.memory;
    const { enabled = true, existingClaim = "", size } = values?.persistence ?? {};
    if (values === undefined || ram === undefined || !enabled) return;
    const twice = sizeOf(ram).storage;
    const say = (field: string, is: string) =>
      report({ tenant: tenantOf(object), field, problem: `${is}, and has to be twice the RAM of ${ram}: ${twice}` });
    if (existingClaim === "") {
      if (size === undefined || bytes(size) !== bytes(twice)) say("values.persistence.size", `is ${size ?? "missing"}`);
      return;
    }
    // a claim that is nobody's in this stack is kept from before: admission judges it
    const claim = stack.find("PersistentVolumeClaim", object.namespace, existingClaim);
    const asked = claim?.spec<ClaimSpec>().resources?.requests?.["storage"];
    if (asked === undefined) return;
    const meant = claim?.metadata.annotations?.[ANNOTATIONS.storage];
    const isMeant = meant !== undefined && bytes(meant) === bytes(asked) && bytes(asked) > bytes(twice);
    if (bytes(asked) !== bytes(twice) && !isMeant) say("values.persistence.existingClaim", `is ${claim!.title} of ${asked}`);
  },
});

export const dotdoChartScaling = objectRule({
  id: "dotdo-chart-scaling",
  family: "releases",
  severity: "medium",
  reason: "One pod is none while its node is drained, and each pod more is one more client of the database.",
  remedy: "Keep autoscaling.minReplicas and maxReplicas within the bounds, or widen them in stackyard:policy.",
  source: "seed 000, Key Parameters: 2 to 100; contract 1.5: 200 in production",
  values: { min: 2, max: 200 },
  check: (object, report, { min, max }) => {
    const { enabled = true, minReplicas, maxReplicas } = valuesOf<DotdoValues>(object, DOTDO)?.autoscaling ?? {};
    if (!enabled) return;
    const field = "values.autoscaling";
    if (minReplicas !== undefined && minReplicas < min)
      report({ field: `${field}.minReplicas`, problem: `is ${minReplicas}, and has to be at least ${min}` });
    if (maxReplicas !== undefined && maxReplicas > max)
      report({ field: `${field}.maxReplicas`, problem: `is ${maxReplicas}, and has to be at most ${max}` });
  },
});

const NGINX = "nginx.ingress.kubernetes.io";
const [KEY, AFFINITY] = [`${NGINX}/upstream-hash-by`, `${NGINX}/affinity`];
/** What the chart's Ingress has where a value says nothing: Helm merges maps, and only null takes out what the chart has (contract 1.6). */
const OF_CHART: Readonly<Record<string, string>> = { [KEY]: "$http_x_do_id$request_uri", [AFFINITY]: "cookie" };

export const dotdoChartHash = objectRule({
  id: "dotdo-chart-hash",
  family: "releases",
  severity: "high",
  refusesUnknown: true,
  reason:
    "A joined key sends the requests of one Durable Object to many pods, and cookie affinity, the chart's own, is taken before any hash.",
  remedy: `Hash by one variable (${KEY}: "$http_x_do_id"), and have ${AFFINITY} null; or have both null.`,
  source: "seed 000, Routing Strategy; contract 1.6, 1.9, 10",
  check: (object, report) => {
    const values = valuesOf<DotdoValues>(object, DOTDO);
    const { enabled = true, annotations = {} } = values?.ingress ?? {};
    if (values === undefined || !enabled) return;
    const annotation = (name: string) => (name in annotations ? annotations[name] : OF_CHART[name]) ?? undefined;
    const [key, affinity] = [annotation(KEY), annotation(AFFINITY)];
    if (key === undefined) return;
    const field = "values.ingress.annotations";
    if (!/^\$(\w+|\{\w+\})$/.test(key)) report({ field: `${field}.${KEY}`, problem: `is "${key}", and has to be one variable` });
    if (affinity !== undefined) report({ field: `${field}.${AFFINITY}`, problem: `is "${affinity}" beside a hash, and has to be null` });
  },
});

export const plinkoChartVolume = objectRule({
  id: "plinko-chart-volume",
  family: "releases",
  severity: "high",
  refusesUnknown: true,
  reason: "A class whose volumes are of one node makes none that many nodes share: the claim waits for ever.",
  remedy: "Name a class of shared file systems in global.storageClass, or take ReadWriteOnce.",
  source: "seed 002, Storage; contract 3",
  check: (object, report) => {
    const { accessMode, storageClass } = valuesOf<PlinkoValues>(object, PLINKO)?.persistence ?? {};
    if (accessMode !== "ReadWriteMany" || typeof storageClass !== "string" || !isOneNode(storageClass)) return;
    report({ field: "values.persistence.storageClass", problem: `is ${storageClass}, whose volumes are of one node, for ${accessMode}` });
  },
});

/** From here on Helm's templates write a number as 1e+06 (contract 3.7). */
const FLOATS_FROM = 1e6;

export const chartNumbers = objectRule({
  id: "chart-numbers",
  family: "releases",
  severity: "medium",
  refusesUnknown: true,
  reason: "A chart's template writes a number of a million or more as 8.388608e+06, which programs take for another or for none.",
  remedy: "Give the chart the number as text, in quotes.",
  source: "contract 3.7; Helm, values as float64",
  check: (object, report) => {
    if (![isFluxionDb, isDotdo, isPlinko, isStarter].some((isOf) => isOf(object))) return;
    eachLeaf(releaseOf(object)?.values, ({ field, value }) => {
      if (typeof value === "number" && Math.abs(value) >= FLOATS_FROM)
        report({ field, problem: `is the number ${value}, and has to be text` });
    });
  },
});

export const starterChartStore = objectRule({
  id: "starter-chart-store",
  family: "releases",
  severity: "high",
  refusesUnknown: true,
  reason: "An ExternalSecret without a store is refused by the operator's webhook, and the API never gets its keys.",
  remedy: "Name the store in externalSecrets.secretStoreRef.name, or switch externalSecrets off.",
  source: "contract 4.4, defect 7",
  check: (object, report) => {
    const { enabled = true, secretStoreRef, api, web, worker } = valuesOf<StarterValues>(object, STARTER)?.externalSecrets ?? {};
    const isAsked = [api, web, worker].some((component) => Object.keys(component?.data ?? {}).length > 0);
    if (!enabled || !isAsked || (secretStoreRef?.name ?? "") !== "") return;
    report({ field: "values.externalSecrets.secretStoreRef.name", problem: "is missing, and External Secrets are on" });
  },
});

export const starterChartOneScaler = objectRule({
  id: "starter-chart-one-scaler",
  family: "releases",
  severity: "medium",
  level: "advisory",
  reason: "The chart writes replicas beside its autoscaler: each upgrade puts the number of pods back that the load has called for.",
  remedy: "Deploy the starter without its chart, switch autoscaling off, or set replicaCount to null where the chart then leaves it out.",
  source: "contract 4.3; 4.4, defect 9",
  check: (object, report) => {
    const values = valuesOf<StarterValues>(object, STARTER) ?? {};
    for (const component of SCALED) {
      const { autoscaling, [component]: { replicaCount = "the chart's own" } = {} } = values;
      if (autoscaling?.enabled !== true || autoscaling[component]?.enabled === false || replicaCount === null) continue;
      report({ field: `values.${component}.replicaCount`, problem: `is ${replicaCount}, beside an autoscaler` });
    }
  },
});

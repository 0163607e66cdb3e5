import type { ResourceValidationArgs } from "@pulumi/policy";
import { bytes, quantity } from "../../sizing/quantity";
import { ANNOTATIONS, sizeOf } from "../../sizing/fluxiondb";
import { containersOf, isPartOf, kindOf, metadataOf, workloadOf } from "../resources";
import { each, type Rule } from "../rule";

const COMPONENTS = ["stackyard:fluxiondb:FluxionDb", "stackyard:fluxiondb:FluxionDbChart"];
const isFluxionDb = (resource: ResourceValidationArgs): boolean => COMPONENTS.some((component) => isPartOf(component, resource));

/** The tenant's component, by the names of its children, which no transform can change. */
const tenantOf = ({ name }: ResourceValidationArgs): string => name.replace(/-[a-z]+$/, "");

export const fluxionDbOneReplica: Rule = {
  id: "fluxiondb-one-replica",
  severity: "critical",
  reason: "Two FluxionDB processes write the same files, and each overwrites what the other has written.",
  remedy: "Leave spec.replicas at 1, and deploy no autoscaler for it: a tenant grows by its RAM, and is suspended by `suspended: true`.",
  source: "seed 001, Single-Pod Architecture; contract 2.1",
  check: (resource, report) => {
    if (!isFluxionDb(resource)) return;
    const kind = kindOf(resource.type);
    if (kind === "HorizontalPodAutoscaler") report(`${tenantOf(resource)} has an autoscaler`);
    if (kind !== "StatefulSet" && kind !== "Deployment") return;
    const replicas = workloadOf(resource)?.replicas ?? 1;
    const suspended = metadataOf(resource)?.annotations?.[ANNOTATIONS.suspended] !== undefined;
    if (replicas === 1 || (replicas === 0 && suspended)) return;
    report(
      `${kind} of ${tenantOf(resource)} has spec.replicas ${replicas}${replicas === 0 ? `, and is not marked ${ANNOTATIONS.suspended}` : ""}`,
    );
  },
};

export const fluxionDbMemory: Rule = {
  id: "fluxiondb-memory",
  severity: "high",
  reason: "A database that lives in memory is killed, and loses what it has not written, where its node has promised more than it has.",
  remedy: "Give it as much memory as request and as limit: both follow from the tenant's RAM.",
  source: "seed 001, Quick Start; contract 2.1, Sizing rule",
  check: (resource, report) => {
    if (!isFluxionDb(resource) || workloadOf(resource) === undefined) return;
    each(containersOf(resource), ({ name, resources }) => {
      const { requests: { memory: request } = {}, limits: { memory: limit } = {} } = resources ?? {};
      if (request !== undefined && limit !== undefined && bytes(request) === bytes(limit)) return;
      report(`Container ${name} of ${tenantOf(resource)} requests ${request ?? "no"} memory, and is limited to ${limit ?? "none"}`);
    });
  },
};

interface ClaimSpec {
  readonly resources?: { readonly requests?: { readonly storage?: string } };
}
/** What has been seen of each tenant in this run: a resource is judged alone, the claim before the database. */
const claims = new Map<string, { readonly storage: string; readonly asked?: string }>();
const rams = new Map<string, string>();

export const fluxionDbStorage: Rule = {
  id: "fluxiondb-storage",
  severity: "high",
  reason: "All data are in memory and on the volume: less than twice the RAM runs full, more is paid for and never used.",
  remedy: "Take spec.resources.requests.storage of the claim from the tenant's RAM; for more, set persistence.size.",
  source: "seed 001, Quick Start: storage is 2 × RAM",
  check: (resource, report) => {
    if (!isFluxionDb(resource)) return;
    const tenant = tenantOf(resource);
    const kind = kindOf(resource.type);
    if (kind === "PersistentVolumeClaim") {
      const { storage } = (resource.props["spec"] as ClaimSpec | undefined)?.resources?.requests ?? {};
      const { [ANNOTATIONS.ram]: ram, [ANNOTATIONS.storage]: asked } = metadataOf(resource)?.annotations ?? {};
      if (storage === undefined) return report(`The claim of ${tenant} requests no storage`);
      claims.set(tenant, { storage, asked });
      if (ram !== undefined) judge(tenant, ram, report);
    }
    if (kind === "StatefulSet" || kind === "Deployment") {
      const limit = containersOf(resource)[0]?.resources?.limits?.memory;
      if (limit !== undefined && rams.get(tenant) !== quantity(bytes(limit))) judge(tenant, limit, report);
    }
  },
};

function judge(tenant: string, ram: string, report: (finding: string) => void): void {
  const claim = claims.get(tenant);
  if (claim === undefined) return;
  rams.set(tenant, quantity(bytes(ram)));
  const twice = sizeOf(ram).storage;
  const [given, least] = [bytes(claim.storage), bytes(twice)];
  if (given === least || (given > least && claim.asked !== undefined && bytes(claim.asked) === given)) return;
  report(`The claim of ${tenant} requests ${claim.storage} of storage, and twice its RAM of ${ram} is ${twice}`);
}

import type { types } from "@pulumi/kubernetes";
import { ANNOTATIONS } from "../../sizing/fluxiondb";
import { podTemplateOf } from "../pods";
import { objectRule, stackRule } from "../rule";
import { selects } from "../stack-index";
import { isFluxionDb, isInstance, tenantOf } from "../systems";

/** What surrounds a tenant's database. */

type PolicySpec = types.output.networking.v1.NetworkPolicySpec;

export const fluxionDbOneANamespace = stackRule({
  id: "fluxiondb-one-a-namespace",
  family: "fluxiondb",
  severity: "high",
  refusesUnknown: true,
  reason: "Quota, network policy, backup and admission are the namespace's: two databases in it take each other's room and see each other.",
  remedy: "Give each tenant a namespace of its own, by user.",
  source: "contract 2.1, Sizing rule: one instance and namespace per tenant",
  checkIn: (object, stack, report) => {
    if (!isInstance(object)) return;
    const others = stack
      .inNamespace(object.namespace, "StatefulSet", "Deployment", "DaemonSet", "Pod", "Release")
      .filter((other) => other !== object);
    for (const other of others)
      report({ tenant: tenantOf(object), field: "metadata.namespace", problem: `is ${object.namespace}, which ${other.title} is in, too` });
  },
});

/** What makes more pods of a workload. */
const SCALERS = ["HorizontalPodAutoscaler", "ScaledObject"];

export const fluxionDbNotScaled = stackRule({
  id: "fluxiondb-not-scaled",
  family: "fluxiondb",
  severity: "critical",
  refusesUnknown: true,
  reason: "An autoscaler starts the second process that writes the same files, whoever has made it.",
  remedy: "Take it out: a tenant grows by its RAM.",
  source: "seed 001, Single-Pod Architecture",
  checkIn: (object, stack, report) => {
    if (!SCALERS.includes(object.kind) || isFluxionDb(object)) return;
    const [database] = stack.inNamespace(object.namespace, "StatefulSet", "Deployment", "Release").filter(isInstance);
    if (database === undefined) return;
    const problem = `is in the namespace of ${database.title}, which is never scaled out`;
    report({ tenant: tenantOf(database), field: "spec.scaleTargetRef", problem });
  },
});

export const fluxionDbQuota = stackRule({
  id: "fluxiondb-quota",
  family: "fluxiondb",
  severity: "medium",
  reason: "Without a quota one tenant takes the room that the next one has paid for.",
  remedy: "Set quota.enabled to true.",
  source: "seed 001, Multi-tenancy; contract 2.1, Sizing rule",
  checkIn: (object, stack, report) => {
    if (!isInstance(object) || stack.inNamespace(object.namespace, "ResourceQuota").length > 0) return;
    report({ tenant: tenantOf(object), field: "metadata.namespace", problem: `is ${object.namespace}, which has no ResourceQuota` });
  },
});

export const fluxionDbNetworkPolicy = stackRule({
  id: "fluxiondb-network-policy",
  family: "fluxiondb",
  severity: "high",
  reason: "Without a network policy every pod of the cluster may try keys on the database.",
  remedy: "Set networkPolicy.enabled to true, and name further clients in networkPolicy.clients.",
  source: "seed 001, Security; contract 2.2, 9",
  checkIn: (object, stack, report) => {
    if (!isInstance(object) || object.isRelease) return; // the chart makes its own
    const labels = podTemplateOf(object)?.metadata?.labels ?? {};
    const fenced = stack.inNamespace(object.namespace, "NetworkPolicy").some((policy) => {
      const { podSelector = {}, policyTypes = ["Ingress"] } = policy.spec<PolicySpec>();
      return policyTypes.includes("Ingress") && selects(podSelector, labels);
    });
    if (!fenced) report({ tenant: tenantOf(object), field: "spec.template.metadata.labels", problem: "are taken by no NetworkPolicy" });
  },
});

/** What a tenant's data go with. */
const LASTING = ["PersistentVolumeClaim", "Namespace"];

export const fluxionDbKept = objectRule({
  id: "fluxiondb-kept",
  family: "fluxiondb",
  severity: "critical",
  refusesUnknown: true,
  reason: "A claim that is deleted, or whose namespace is, takes the tenant's data with it.",
  remedy: "Leave retainOnDelete of the tenant's claim and namespace as the component sets it, or protect them.",
  source: "contract 2.2, 7",
  check: (object, report) => {
    if (!isFluxionDb(object) || !LASTING.includes(object.kind) || object.opts.protect) return;
    if (object.metadata.annotations?.[ANNOTATIONS.kept] === "true") return;
    report({ tenant: tenantOf(object), field: "retainOnDelete", problem: "is off, and nothing protects it" });
  },
});

import type { types } from "@pulumi/kubernetes";
import type { KubernetesObject, Partly } from "../object";
import { podTemplateOf, workloadOf } from "../pods";
import { objectRule, stackRule } from "../rule";
import { selects, type Selector, type StackIndex } from "../stack-index";

type ServiceSpec = types.output.core.v1.ServiceSpec;
type PolicySpec = types.output.networking.v1.NetworkPolicySpec;

/** Whether all pods of a namespace are before our eyes, and there are some: those of charts and of other stacks are not. */
export const seesPods = (stack: StackIndex, namespace: string | undefined): boolean =>
  stack.workloadsIn(namespace).length > 0 && !stack.hasChart(namespace);

/** What a Service sends its traffic to; nothing for one that has its endpoints from elsewhere. */
export function serviceSelectorOf(object: KubernetesObject): Selector | undefined {
  if (object.kind !== "Service" || object.apiVersion !== "v1") return undefined;
  const { selector = {}, type } = object.spec<ServiceSpec>();
  return type === "ExternalName" || Object.keys(selector).length === 0 ? undefined : { matchLabels: selector };
}

export const ownTemplate = objectRule({
  id: "selector-of-own-pods",
  family: "wiring",
  severity: "high",
  refusesUnknown: true,
  reason: "A workload whose selector does not take its own pods never finds them, and the API server refuses it.",
  remedy: "Give spec.template.metadata.labels what spec.selector asks for.",
  source: "kube-score deployment-pod-selector-labels-match-template-metadata-labels; kube-linter mismatching-selector",
  check: (object, report) => {
    const selector = workloadOf(object)?.selector;
    if (selector === undefined || selects(selector, podTemplateOf(object)?.metadata?.labels ?? {})) return;
    report({ field: "spec.selector", problem: "does not take the labels of spec.template" });
  },
});

export const serviceSelectsPods = stackRule({
  id: "service-selects-pods",
  family: "wiring",
  severity: "high",
  reason: "A Service that takes no pod answers nobody: each connection is refused.",
  remedy: "Set spec.selector to labels that the pods of one workload have.",
  source: "kube-score service-targets-pod; kube-linter dangling-service",
  checkIn: (object, stack, report) => {
    const selector = serviceSelectorOf(object);
    const { namespace } = object;
    if (selector === undefined || !seesPods(stack, namespace) || stack.selected(namespace, selector).length > 0) return;
    report({ field: "spec.selector", problem: `takes no pod that the stack has in namespace ${namespace}` });
  },
});

export const networkPolicySelectsPods = stackRule({
  id: "network-policy-selects-pods",
  family: "wiring",
  severity: "high",
  reason: "A NetworkPolicy that takes no pod protects none, and those it was meant for may be open to all.",
  remedy: "Set spec.podSelector to labels that the pods have, or leave it empty for all pods of the namespace.",
  source: "kube-score networkpolicy-targets-pod; kube-linter dangling-networkpolicy",
  checkIn: (object, stack, report) => {
    if (object.kind !== "NetworkPolicy") return;
    const { namespace } = object;
    const taken = stack.selected(namespace, object.spec<PolicySpec>().podSelector ?? {});
    if (!seesPods(stack, namespace) || taken.length > 0) return;
    report({ field: "spec.podSelector", problem: `takes no pod that the stack has in namespace ${namespace}` });
  },
});

/** Directions that a NetworkPolicy closes but for what it names; a type that is not given follows from its rules. */
const closedBy = ({ policyTypes, egress }: Partly<PolicySpec>): readonly string[] =>
  policyTypes ?? (egress === undefined ? ["Ingress"] : ["Ingress", "Egress"]);

export const podsHaveNetworkPolicy = stackRule({
  id: "pods-have-network-policy",
  family: "wiring",
  severity: "medium",
  reason: "Pods that no NetworkPolicy takes may be reached by every pod of the cluster, and reach any address.",
  remedy: "Name in a NetworkPolicy of the namespace who may come in and where the pods may go, for both policyTypes.",
  source: "kube-score pod-networkpolicy; kube-linter non-isolated-pod; Polaris missingNetworkPolicy; Kyverno add-networkpolicy",
  checkIn: (object, stack, report) => {
    const template = podTemplateOf(object);
    if (template === undefined || object.kind === "PodTemplate" || stack.hasChart(object.namespace)) return;
    const closed = stack.inNamespace(object.namespace, "NetworkPolicy").flatMap((policy) => {
      const spec = policy.spec<PolicySpec>();
      return selects(spec.podSelector ?? {}, template.metadata?.labels ?? {}) ? closedBy(spec) : [];
    });
    const open = ["Ingress", "Egress"].filter((direction) => !closed.includes(direction));
    if (open.length === 0) return;
    report({ field: `${template.path}metadata.labels`, problem: `are taken by no NetworkPolicy for ${open.join(" and ")}` });
  },
});

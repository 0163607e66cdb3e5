import { drop, put, unknown, withField, type Case } from "../case";
import { changed, chart, deployment, networkPolicy, object, service } from "./wired";

const LABELS = "spec.template.metadata.labels";
const expressions = (...matchExpressions: object[]) => changed([deployment()], "spec.selector", { matchExpressions });
const NAME = "app.kubernetes.io/name";
const own = [{ field: "spec.selector", problem: "does not take the labels of spec.template" }];
const notTaken = (operator: string, values?: string[], key = NAME) => ({
  by: `${operator} ${values?.join(", ") ?? key}`,
  change: put("spec.selector", { matchExpressions: [{ key, operator, values }] }),
  finds: own,
});

const noPod = (field: string) => [{ field, problem: "takes no pod that the stack has in namespace example" }];
const elsewhere = withField(deployment(), "metadata.namespace", "elsewhere");
const open = (directions: string) => [{ field: `${LABELS}`, problem: `are taken by no NetworkPolicy for ${directions}` }];

export const selectors = {
  "selector-of-own-pods": {
    valid: [
      [deployment()],
      expressions({ key: NAME, operator: "In", values: ["other", "api"] }, { key: NAME, operator: "Exists" }),
      expressions({ key: NAME, operator: "NotIn", values: ["other"] }, { key: "tier", operator: "NotIn", values: ["api"] }),
      expressions({ key: "tier", operator: "DoesNotExist" }),
      [object("batch/v1:Job", "job", { template: { spec: { containers: [] } } })],
    ],
    mutations: [
      { by: "another label", change: put(`spec.selector.matchLabels["${NAME}"]`, "other"), finds: own },
      { by: "one label more", change: put("spec.selector.matchLabels.tier", "front"), finds: own },
      { by: "pods without labels", change: drop("spec.template.metadata"), finds: own },
      notTaken("In", ["other"]),
      notTaken("In", ["api"], "tier"),
      notTaken("NotIn", ["api"]),
      notTaken("Exists", undefined, "tier"),
      notTaken("DoesNotExist"),
      {
        by: "labels that are not known yet",
        change: put(LABELS, unknown),
        finds: [{ field: LABELS, problem: "is not known before the update, and has to be" }],
      },
    ],
  },
  "service-selects-pods": {
    valid: [
      [service(), deployment()],
      [service("other")],
      [service("other"), elsewhere],
      [service("other"), deployment(), chart],
      changed([service(), deployment()], "spec", { type: "ExternalName", externalName: "example.com", selector: { a: "b" } }),
      changed([service(), deployment()], "spec.selector", {}),
      [{ ...service("other"), type: "kubernetes:serving.knative.dev/v1:Service" }, deployment()],
      [{ ...service("other"), type: "kubernetes:core/v1:ReplicationController" }, deployment()],
    ],
    mutations: [
      { by: "a label that no pod has", change: put(`spec.selector["${NAME}"]`, "other"), finds: noPod("spec.selector") },
      {
        by: "its pods in another namespace",
        change: (stack) => void stack.splice(1, 1, elsewhere, deployment("other")),
        finds: noPod("spec.selector"),
      },
    ],
  },
  "network-policy-selects-pods": {
    valid: [
      [networkPolicy(), deployment()],
      changed([networkPolicy(), deployment()], "spec.podSelector", {}),
      [networkPolicy("other")],
      [networkPolicy("other"), deployment(), chart],
      [{ ...networkPolicy("other"), type: "kubernetes:policy/v1:PodDisruptionBudget" }, deployment()],
    ],
    mutations: [
      { by: "a label that no pod has", change: put("spec.podSelector.matchLabels.tier", "front"), finds: noPod("spec.podSelector") },
    ],
  },
  "pods-have-network-policy": {
    valid: [
      [deployment(), networkPolicy()],
      [deployment(), withField(networkPolicy(), "spec.podSelector", {})],
      [deployment(), chart],
      [deployment(), withField(networkPolicy(), "spec", { podSelector: {}, egress: [] })],
      [object("core/v1:PodTemplate", "template", {}, { template: { spec: {} } })],
      [service()],
    ],
    mutations: [
      { by: "no policy", change: (stack) => void stack.pop(), finds: open("Ingress and Egress") },
      { by: "a policy of others", change: put("spec.podSelector.matchLabels.tier", "front", 1), finds: open("Ingress and Egress") },
      { by: "a policy of another namespace", change: put("metadata.namespace", "elsewhere", 1), finds: open("Ingress and Egress") },
      { by: "a policy of who comes in only", change: put("spec.policyTypes", ["Ingress"], 1), finds: open("Egress") },
      { by: "a policy of where they go only", change: put("spec.policyTypes", ["Egress"], 1), finds: open("Ingress") },
      { by: "a policy without types and egress", change: drop("spec.policyTypes", 1), finds: open("Egress") },
    ],
  },
} satisfies Record<string, Case>;

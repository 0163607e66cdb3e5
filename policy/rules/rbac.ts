import type { types } from "@pulumi/kubernetes";
import type { KubernetesObject, Partly } from "../object";
import { each, objectRule, type Report } from "../rule";

type RoleRule = Partly<types.output.rbac.v1.PolicyRule>;
type RoleRef = Partly<types.output.rbac.v1.RoleRef>;

/** Every rule of a Role or a ClusterRole, with its place. */
function eachRoleRule(object: KubernetesObject, check: (rule: RoleRule, path: string) => void): void {
  if (!["Role", "ClusterRole"].includes(object.kind)) return;
  const rules = object.props["rules"] as readonly RoleRule[] | undefined;
  each(
    rules?.map((_, index) => index),
    (index) => check(rules![index]!, `rules[${index}]`),
  );
}

export const noWildcardRole = objectRule({
  id: "no-wildcard-role",
  family: "objects",
  severity: "high",
  refusesUnknown: true,
  reason: "A wildcard allows what nobody has thought of, and what later versions and operators add to it.",
  remedy: "Name the verbs and resources that are used.",
  source: "kube-linter wildcard-in-rules; Kyverno restrict-wildcard-verbs, restrict-wildcard-resources",
  check: (object, report) =>
    eachRoleRule(object, ({ verbs = [], resources = [] }, path) => {
      for (const [key, names] of Object.entries({ verbs, resources })) {
        if (names.some((name) => name.includes("*"))) report({ field: `${path}.${key}`, problem: "has a *, and has to name each" });
      }
    }),
});

export const noAdminBinding = objectRule({
  id: "no-admin-binding",
  family: "objects",
  severity: "critical",
  refusesUnknown: true,
  reason: "Whoever is bound to cluster-admin owns the cluster, and so does whoever gets its token.",
  remedy: "Bind a role of its own, with what is needed.",
  source:
    "kube-linter cluster-admin-role-binding; Polaris clusterrolebindingClusterAdmin, rolebindingClusterAdminClusterRole; Kyverno restrict-binding-clusteradmin",
  check: (object, report) => {
    if (!["RoleBinding", "ClusterRoleBinding"].includes(object.kind)) return;
    const { kind, name } = (object.props["roleRef"] ?? {}) as RoleRef;
    if (kind === "ClusterRole" && name === "cluster-admin") report({ field: "roleRef.name", problem: "is cluster-admin" });
  },
});

/** Says which of some verbs a rule allows for every object of a resource. */
function reportVerbs(object: KubernetesObject, report: Report, refused: readonly string[], resource?: string): void {
  eachRoleRule(object, ({ verbs = [], resources = [], resourceNames = [] }, path) => {
    const found = verbs.filter((verb) => refused.includes(verb));
    const concerned = resource === undefined || resources.includes(resource);
    if (found.length === 0 || !concerned || resourceNames.length > 0) return;
    report({ field: `${path}.verbs`, problem: `has ${found.join(", ")}${resource === undefined ? "" : ` of ${resource}`}` });
  });
}

export const noSecretListing = objectRule({
  id: "no-secret-listing",
  family: "objects",
  severity: "high",
  level: "advisory",
  reason: "Who may list or watch Secrets has the values of all of them, in one request.",
  remedy: "Allow get of those that are named in resourceNames.",
  source: "kube-linter access-to-secrets, cluster-wide-secrets-access; Kyverno restrict-secret-role-verbs",
  check: (object, report) => reportVerbs(object, report, ["get", "list", "watch"], "secrets"),
});

export const noEscalation = objectRule({
  id: "no-escalation",
  family: "objects",
  severity: "critical",
  refusesUnknown: true,
  reason: "Who may bind, escalate or impersonate may give himself whatever else there is.",
  remedy: "Take the verb out, or name in resourceNames what it is allowed of.",
  source:
    "kube-linter bind-verb-in-role, escalate-verb-in-role, impersonate-without-resource-names; Kyverno restrict-escalation-verbs-roles",
  check: (object, report) => reportVerbs(object, report, ["bind", "escalate", "impersonate"]),
});

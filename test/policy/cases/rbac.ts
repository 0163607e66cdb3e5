import { put, unknown, withField, type Case, type Fixture, type Mutation } from "../case";

const GROUP = "kubernetes:rbac.authorization.k8s.io/v1";
const role = (kind = "ClusterRole", ...rules: object[]): Fixture => ({
  type: `${GROUP}:${kind}`,
  name: "reader",
  props: {
    metadata: { name: "reader" },
    rules: rules.length > 0 ? rules : [{ apiGroups: [""], resources: ["pods", "pods/log"], verbs: ["get", "list"] }],
  },
});
const binding = (kind = "ClusterRoleBinding"): Fixture => ({
  type: `${GROUP}:${kind}`,
  name: "readers",
  props: { metadata: { name: "readers" }, roleRef: { kind: "ClusterRole", name: "reader" }, subjects: [] },
});
const allowed = (rule: object, field: string, problem: string): Mutation => ({
  by: JSON.stringify(rule),
  change: put("rules", [{ resources: ["pods"], verbs: ["get"] }, rule]),
  finds: [{ field, problem }],
});
const notKnown = (path: string, field: string): Mutation => ({
  by: `${path} that is not known yet`,
  change: put(path, unknown),
  finds: [{ field, problem: "is not known before the update, and has to be" }],
});
const admin = (of: number): Mutation => ({
  by: `cluster-admin, by binding ${of}`,
  of,
  change: put("roleRef", { kind: "ClusterRole", name: "cluster-admin" }),
  finds: [{ field: "roleRef.name", problem: "is cluster-admin" }],
});
const noRole = [
  { ...role("ConfigMap", { resources: ["*", "secrets"], verbs: ["*", "list", "bind"] }), type: "kubernetes:core/v1:ConfigMap" },
];

export const rbac = {
  "no-wildcard-role": {
    valid: [[role()], [role("Role")], [withField(role(), "rules", undefined)], noRole, [role("Role", { nonResourceURLs: ["/metrics"] })]],
    mutations: [
      allowed({ resources: ["pods"], verbs: ["get", "*"] }, "rules[1].verbs", "has a *, and has to name each"),
      allowed({ resources: ["*"], verbs: ["get"] }, "rules[1].resources", "has a *, and has to name each"),
      allowed({ resources: ["pods/*"], verbs: ["get"] }, "rules[1].resources", "has a *, and has to name each"),
      {
        by: "a Role's",
        of: 1,
        change: put("rules[0].verbs", ["*"]),
        finds: [{ field: "rules[0].verbs", problem: "has a *, and has to name each" }],
      },
      notKnown("rules", "rules"),
    ],
  },
  "no-admin-binding": {
    valid: [
      [binding()],
      [binding("RoleBinding")],
      [withField(binding("RoleBinding"), "roleRef", { kind: "Role", name: "cluster-admin" })],
      [withField(binding(), "roleRef", undefined)],
      [{ ...withField(binding(), "roleRef.name", "cluster-admin"), type: "kubernetes:core/v1:ConfigMap" }],
    ],
    mutations: [admin(0), admin(1), notKnown("roleRef.name", "roleRef.name")],
  },
  "no-secret-listing": {
    valid: [
      [role()],
      [role("Role", { resources: ["secrets"], resourceNames: ["mine"], verbs: ["get"] })],
      [role("Role", { resources: ["secrets"], verbs: ["create", "delete"] })],
      noRole,
    ],
    mutations: [
      allowed({ resources: ["configmaps", "secrets"], verbs: ["list", "create", "watch"] }, "rules[1].verbs", "has list, watch of secrets"),
      allowed({ resources: ["secrets"], verbs: ["get"] }, "rules[1].verbs", "has get of secrets"),
    ],
  },
  "no-escalation": {
    valid: [
      [role()],
      [role("ClusterRole", { resources: ["clusterroles"], resourceNames: ["reader"], verbs: ["bind"] })],
      [role("ClusterRole", {})],
      noRole,
    ],
    mutations: [
      allowed({ resources: ["clusterroles"], verbs: ["get", "bind", "escalate"] }, "rules[1].verbs", "has bind, escalate"),
      allowed({ resources: ["users"], verbs: ["impersonate"] }, "rules[1].verbs", "has impersonate"),
      notKnown("rules[0].verbs", "rules.0.verbs"),
    ],
  },
} satisfies Record<string, Case>;

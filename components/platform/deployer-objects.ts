import { Deployers, Previewers, type Subjects } from "./deployer-options";
import { DEPLOYER_RULES, PREVIEWER_RULES, type AccessRule } from "./deployer-rules";

/** RBAC of those who deploy and preview, as plain values: nothing here is deployed. */

const GROUP = "rbac.authorization.k8s.io";
const VERSION = `${GROUP}/v1` as const;
const LABELS: Record<string, string> = { "app.kubernetes.io/part-of": "stackyard" };

export type Role = "deployer" | "previewer";

/** The schema of each role's subjects, and its rules. */
export const ROLES: Readonly<Record<Role, { readonly subjects: typeof Deployers; readonly rules: readonly AccessRule[] }>> = {
  deployer: { subjects: Deployers, rules: DEPLOYER_RULES },
  previewer: { subjects: Previewers, rules: PREVIEWER_RULES },
};

const nameOf = (role: Role) => `stackyard-${role}`;

export const clusterRoleOf = (role: Role) => ({
  apiVersion: VERSION,
  kind: "ClusterRole" as const,
  metadata: { name: nameOf(role), labels: LABELS },
  rules: ROLES[role].rules.map(({ group, resources, verbs }) => ({ apiGroups: [group], resources: [...resources], verbs: [...verbs] })),
});

/** The binding, or nothing where nobody is bound. */
export const bindingOf = (role: Role, { users, groups, serviceAccounts }: Subjects) => {
  const named = (kind: "User" | "Group") => (name: string) => ({ kind, apiGroup: GROUP, name });
  const subjects = [
    ...users.map(named("User")),
    ...groups.map(named("Group")),
    ...serviceAccounts.map(({ namespace, name }) => ({ kind: "ServiceAccount", namespace, name })),
  ];
  if (subjects.length === 0) return undefined;
  return {
    apiVersion: VERSION,
    kind: "ClusterRoleBinding" as const,
    metadata: { name: nameOf(role), labels: LABELS },
    roleRef: { apiGroup: GROUP, kind: "ClusterRole", name: nameOf(role) },
    subjects,
  };
};

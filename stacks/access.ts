import { bindingOf, clusterRoleOf, ROLES, type Role } from "../components/platform/deployer-objects";

export const ROLE_NAMES = Object.keys(ROLES) as Role[];

/**
 * The RBAC objects of a role, for who has no layer `platform` to make them.
 *
 * @param subjects who is bound to it, as the options of layer `platform` have it: `users`, `groups`, `serviceAccounts`
 * @throws Error that says of each name what is wrong with it
 */
export function accessObjects(role: Role, subjects: unknown): object[] {
  const { data, error } = ROLES[role].subjects.safeParse(subjects);
  if (error) throw new Error(error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("\n"));
  const binding = bindingOf(role, data);
  return [clusterRoleOf(role), ...(binding ? [binding] : [])];
}

import * as k8s from "@pulumi/kubernetes";
import type { Transform } from "../kubernetes/child";
import { bindingOf, clusterRoleOf, type Role } from "./deployer-objects";
import type { Subjects } from "./deployer-options";
import type { Room } from "./room";

export interface DeployersTransform {
  readonly clusterRoles?: Readonly<Partial<Record<Role, Transform<ReturnType<typeof clusterRoleOf>>>>>;
  readonly clusterRoleBindings?: Readonly<Partial<Record<Role, Transform<NonNullable<ReturnType<typeof bindingOf>>>>>>;
}

/** Makes the role of those who deploy, or preview, and binds them to it. */
export function installRole(room: Room, role: Role, subjects: Subjects, transform: DeployersTransform): void {
  const made = room.child(k8s.rbac.v1.ClusterRole, `${role}-role`, clusterRoleOf(role), transform.clusterRoles?.[role]);
  const binding = bindingOf(role, subjects);
  if (binding)
    room.child(k8s.rbac.v1.ClusterRoleBinding, `${role}-binding`, binding, transform.clusterRoleBindings?.[role], { dependsOn: [made] });
}

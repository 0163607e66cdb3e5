/** What the pod security standard "restricted" asks of pods and containers. */

export interface User {
  readonly runAsUser: number;
  readonly runAsGroup: number;
  /** Group that owns the pod's volumes. */
  readonly fsGroup: number;
}

export const userOf = (id: number, group = id): User => ({ runAsUser: id, runAsGroup: group, fsGroup: group });

export const podSecurityOf = (user: User) => ({
  ...user,
  runAsNonRoot: true,
  // a volume whose root has the group already is not walked through again at each start
  fsGroupChangePolicy: "OnRootMismatch",
  seccompProfile: { type: "RuntimeDefault" },
});

export const containerSecurityOf = (readOnlyRootFilesystem = true) => ({
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem,
  runAsNonRoot: true,
  capabilities: { drop: ["ALL"] },
  seccompProfile: { type: "RuntimeDefault" },
});

/** Levels of pod security that Kubernetes has, from the loosest on. */
export const LEVELS = ["privileged", "baseline", "restricted"] as const;
export type PodSecurity = (typeof LEVELS)[number];

/** Labels by which a namespace says what the API server refuses, notes and warns of. */
export const POD_SECURITY = {
  enforce: "pod-security.kubernetes.io/enforce",
  audit: "pod-security.kubernetes.io/audit",
  warn: "pod-security.kubernetes.io/warn",
} as const;

/** The strictest, which a namespace has unless it says otherwise. */
export const STRICTEST: PodSecurity = "restricted";

/** Annotation of a namespace that is meant to enforce less than the strictest: what it enforces. Without it a looser label is a mistake. */
export const MEANT = "stackyard.dev/pod-security";

/** How strict a level is; what is none counts as the loosest, as the API server takes a namespace without label. */
export const strictness = (level: string | undefined): number => Math.max(0, LEVELS.indexOf(level as PodSecurity));

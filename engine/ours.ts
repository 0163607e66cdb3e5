import type { KubernetesObject } from "@kubernetes/client-node";

/** Label of every object of ours; nothing without it is ever taken over. */
export const OURS = ["app.kubernetes.io/part-of", "stackyard"] as const;

export const isOurs = (object: KubernetesObject): boolean => object.metadata?.labels?.[OURS[0]] === OURS[1];

export const nameOf = ({ kind, metadata }: KubernetesObject): string =>
  `${kind} ${metadata?.namespace ? `${metadata.namespace}/` : ""}${metadata?.name}`;

/** Lets an up have fields that somebody else has set since. */
export const FORCE = { PULUMI_K8S_ENABLE_PATCH_FORCE: "true" } as const;

/**
 * For that one up that takes over what the state does not know. Each run has a field manager of its own, and what the run that was cut off
 * has applied is still its: all of it was seen to be ours.
 */
export const TAKE_OVER = { PULUMI_K8S_UPSERT_EXISTING_OBJECTS: "true", ...FORCE } as const;

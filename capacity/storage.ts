import type { KubeObject } from "../planned/objects";
import { amount } from "../sizing/amount";

/** Volumes of one class. */
export interface Volumes {
  /** Name of the StorageClass; nothing where the cluster's default is taken. */
  readonly storageClass?: string;
  readonly volumes: number;
  readonly bytes: number;
}

interface ClaimSpec {
  readonly storageClassName?: string;
  readonly resources?: { readonly requests?: { readonly storage?: string } };
}
interface SetSpec {
  readonly replicas?: number;
  readonly volumeClaimTemplates?: readonly { readonly spec: ClaimSpec }[];
}

/** What a stack's claims ask for, those of StatefulSets among them. */
export function storageOf(objects: readonly KubeObject[]): Volumes[] {
  const classes = new Map<string | undefined, Volumes>();
  const add = ({ storageClassName, resources }: ClaimSpec, times: number) => {
    const { volumes, bytes } = classes.get(storageClassName) ?? { volumes: 0, bytes: 0 };
    const each = amount(resources?.requests?.storage ?? 0);
    classes.set(storageClassName, { storageClass: storageClassName, volumes: volumes + times, bytes: bytes + times * each });
  };
  for (const { kind, spec } of objects) {
    if (kind === "PersistentVolumeClaim") add(spec, 1);
    if (kind !== "StatefulSet") continue;
    const { replicas = 1, volumeClaimTemplates = [] } = spec as unknown as SetSpec;
    for (const claim of volumeClaimTemplates) add(claim.spec, replicas);
  }
  return [...classes.values()];
}

/** Load balancers of the provider: each Service of that type, and each Gateway has one. */
export const loadBalancersOf = (objects: readonly KubeObject[]): number =>
  objects.filter(({ kind, spec }) => kind === "Gateway" || (kind === "Service" && spec["type"] === "LoadBalancer")).length;

import { bytes } from "./quantity";

/** The smallest volume of classes whose makers say one (Vultr: NVMe 10 GiB, HDD 40 GiB; November 2026). */
const SMALLEST: Readonly<Record<string, string>> = {
  "vultr-block-storage": "10Gi",
  "vultr-block-storage-hdd": "40Gi",
};

/**
 * The smallest volume that a class has, where that is more than what is asked for.
 *
 * @param storageClass `vultr-block-storage-retain` is taken for `vultr-block-storage`; nothing is known of the cluster's default
 * @param size a Kubernetes quantity
 */
export function smallestVolume(storageClass: string | undefined, size: string): string | undefined {
  const smallest = SMALLEST[storageClass?.replace(/-retain$/, "") ?? ""];
  return smallest !== undefined && bytes(size) < bytes(smallest) ? smallest : undefined;
}

/** Classes of block storage, known to attach a volume to one node only, by the beginning of their names. */
const ONE_NODE = [
  "vultr-block-storage",
  "do-block-storage",
  "linode-block-storage",
  "hcloud-volumes",
  "gp2",
  "gp3",
  "standard-rwo",
  "premium-rwo",
  "managed-csi",
  "local-path",
];

/** Whether volumes of a class can be mounted on one node only, by its name: a class can have any. */
export const isOneNode = (storageClass: string): boolean =>
  ONE_NODE.some((name) => storageClass === name || storageClass.startsWith(`${name}-`));

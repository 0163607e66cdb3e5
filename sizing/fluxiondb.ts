import { bytes, quantity } from "./quantity";

const GiB = 2 ** 30;

/** How much storage a database has for its RAM (seed 001). */
export const STORAGE_PER_RAM = 2;

/** Pods of one database: two would write the same files (seed 001, "Single-Pod Architecture"). */
export const REPLICAS = 1;

/** Annotations by which objects tell what their sizes follow from, for who has nothing but them to judge by. */
export const ANNOTATIONS = {
  /** RAM that a claim was made for. */
  ram: "stackyard.dev/ram",
  /** Size of a claim, where more than follows from the RAM was asked for. */
  storage: "stackyard.dev/storage",
  /** CPU request and limit of a database, as in `250m/1000m`, where they were asked for and do not follow from the RAM. */
  cpu: "stackyard.dev/cpu",
  /** On a database that is to have no pod. */
  suspended: "stackyard.dev/suspended",
  /** On what outlives its stack: Pulumi tells no policy of `retainOnDelete`. */
  kept: "stackyard.dev/kept",
} as const;

/** Millicores that one GiB of RAM brings, and up to where (seed 001, examples 1 and 2). */
const PER_GIB = 500;
const PLATEAU = 2000;
/** Beyond the seed's largest example each further GiB brings half as much. */
const PER_GIB_BEYOND = 250;
/** What the smallest instance has (seed 001, "Resource Parameters"). */
const LEAST_REQUEST = 250;
const LEAST_LIMIT = 1000;

/** What one FluxionDB instance takes of a cluster, as Kubernetes quantities. */
export interface Size {
  /** Request and limit at once: a database that lives in memory must never find its node overcommitted. */
  readonly memory: string;
  readonly storage: string;
  readonly cpu: { readonly request: string; readonly limit: string };
}

/**
 * All that follows from a tenant's RAM: twice as much storage (seed 001), and CPU.
 *
 * CPU request: 500m a GiB, at least 250m and at most 2000m; above 8Gi, 250m a GiB. Limit: twice the request, at least 1000m.
 *
 * @param ram a Kubernetes quantity; `1024Mi` and `1Gi` give the same size
 * @throws RangeError where `ram` is no quantity
 */
export function sizeOf(ram: string): Size {
  const memory = bytes(ram);
  const gib = memory / GiB;
  const request = Math.ceil(Math.max(LEAST_REQUEST, Math.min(PER_GIB * gib, PLATEAU), PER_GIB_BEYOND * gib));
  return {
    memory: quantity(memory),
    storage: quantity(STORAGE_PER_RAM * memory),
    cpu: { request: `${request}m`, limit: `${Math.max(LEAST_LIMIT, 2 * request)}m` },
  };
}

type Cpu = Size["cpu"];

/** CPU as an annotation has it. */
export const cpuText = ({ request, limit }: Cpu): string => `${request}/${limit}`;

/** CPU of an annotation; nothing where it is none. */
export function cpuIn(text: string): Cpu | undefined {
  const [request, limit, ...more] = text.split("/");
  return request && limit && more.length === 0 ? { request, limit } : undefined;
}

/** RAM and storage of an instance; what is not known is left out. */
export interface Extent {
  readonly ram?: string;
  readonly storage?: string;
}

/** Why a size cannot be had, and what to do. */
export interface Refused {
  readonly property: keyof Extent;
  readonly reason: string;
}

const less = (wanted?: string, now?: string): boolean => wanted !== undefined && now !== undefined && bytes(wanted) < bytes(now);

const shrunk = (wanted: string | undefined, now: string | undefined, why: string, alone: string): string =>
  `${wanted} is less than the ${now} that it has: ${why}. Set it to ${now} or more; for ${alone}, add a tenant of that size, copy the data there and take this one out`;

/**
 * Whether an instance can go from one size to another. Up it can: volume and memory grow in place. Down it cannot.
 *
 * Storage that is less only because it follows a RAM that is less is not said twice.
 *
 * @returns nothing where it can
 */
export function resizeRefusals(now: Extent, wanted: Extent): Refused[] {
  const ram = less(wanted.ram, now.ram);
  const kept = ram ? sizeOf(now.ram ?? "").storage : undefined;
  const storage = less(wanted.storage, now.storage) && (kept === undefined || less(kept, now.storage));
  return [
    ...(ram
      ? [
          {
            property: "ram" as const,
            reason: shrunk(
              wanted.ram,
              now.ram,
              "the database holds all its data in memory, and must load it whole when it starts",
              "less memory",
            ),
          },
        ]
      : []),
    ...(storage
      ? [
          {
            property: "storage" as const,
            reason: shrunk(wanted.storage, now.storage, "Kubernetes can grow a volume, and never shrinks one", "a smaller volume"),
          },
        ]
      : []),
  ];
}

import type { Plan } from "./plans";
import type { Volumes } from "./storage";

const GiB = 2 ** 30;

/** What is paid for each month, and how much of it. */
export interface Bill {
  readonly lines: readonly { readonly what: string; readonly monthly: number }[];
  /** Sum of the lines. */
  readonly monthly: number;
  /** What the plan table has no price for. */
  readonly unpriced: readonly string[];
}

/** What a cluster has of what costs money. */
export interface Owned {
  readonly nodes: number;
  readonly storage: readonly Volumes[];
  readonly loadBalancers: number;
}

/** What a cluster costs by the prices of its nodes' provider. */
export function billOf({ nodes, storage, loadBalancers }: Owned, { name, node, provider }: Plan): Bill {
  const wanted = [
    { what: `${nodes} × ${name}`, of: nodes, price: node.monthly },
    ...storage.map(({ storageClass, bytes }) => ({
      what: `${bytes / GiB} GiB of ${storageClass ?? "the default storage class"}`,
      of: bytes / GiB,
      price: provider.volumes[storageClass ?? ""],
    })),
    { what: `load balancer × ${loadBalancers}`, of: loadBalancers, price: provider.loadBalancer },
  ].filter(({ of }) => of > 0);
  const lines = wanted.flatMap(({ what, of, price }) => (price === undefined ? [] : [{ what, monthly: cents(of * price) }]));
  return {
    lines,
    monthly: cents(lines.reduce((sum, { monthly }) => sum + monthly, 0)),
    unpriced: wanted.filter(({ price }) => price === undefined).map(({ what }) => what),
  };
}

const cents = (price: number): number => Math.round(price * 100) / 100;

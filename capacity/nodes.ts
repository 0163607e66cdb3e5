import { sumOf, type Demand, type Pod } from "./pods";
import { leftOver, type NodeSize } from "./scheduler";

/** How many equal nodes a demand takes. */
export interface NodesTaken {
  /** So many hold every pod of what nodes of this size can hold, where pods come as they are planned, and whichever of equal nodes chance takes. */
  readonly nodes: number;
  /** Fewer than so many cannot: there is not as much CPU, memory, or room for pods on them. */
  readonly least: number;
  /** So many hold them in each of several other orders, too. */
  readonly anyOrder: number;
  /** Pods that find no node then, by what they are of: no number of nodes of this size holds all of that. */
  readonly unplaced: Readonly<Record<string, number>>;
}

/** How often chance draws among equal nodes, beside taking the first of them each time. */
const DRAWS = 4;

/** How many orders are tried in which pods come by chance, beside the largest and the smallest first. */
const SHUFFLES = 3;

/**
 * How many equal nodes it takes. The scheduler packs nothing anew: which pods come first decides how well they fit. Where some of a workload
 * find no node at all, it is what all other workloads take.
 */
export function nodesFor(demand: Demand, size: NodeSize, zones: number): NodesTaken {
  const most = Math.max(1, demand.pods.length); // as many as each could have one of its own
  const left = leftOver(demand, size, most, zones);
  const least = Math.min(most, leastFor(demand, size, left));
  const from = (start: number, isEnough: (count: number) => boolean): number => {
    let count = start;
    while (count < most && !isEnough(count)) count++;
    return count;
  };
  const homeless = new Set(left.map(({ owner }) => owner));
  const holds = (pods: readonly Pod[], count: number) =>
    [first, ...draws()].every((chance) =>
      leftOver({ ...demand, pods }, size, count, zones, chance).every(({ owner }) => homeless.has(owner)),
    );
  const nodes = from(least, (count) => holds(demand.pods, count));
  const others = homeless.size > 0 ? [] : ordersOf(demand.pods);
  const anyOrder = from(nodes, (count) => others.every((pods) => holds(pods, count)));
  return { nodes, least, anyOrder, unplaced: byOwner(leftOver(demand, size, nodes, zones)) };
}

const first = () => 0;
const draws = () => Array.from({ length: DRAWS }, (_, index) => generator(index + 1));

/** Nodes that have enough CPU, memory and room for pods in sum, were pods of sand. */
function leastFor({ pods, daemons }: Demand, size: NodeSize, unplaced: readonly Pod[]): number {
  const own = sumOf(daemons.map(({ requests }) => requests));
  const placed = pods.filter((pod) => !unplaced.includes(pod));
  const asked = sumOf(placed.map(({ requests }) => requests));
  return Math.max(
    1,
    Math.ceil(asked.cpu / (size.cpu - own.cpu)),
    Math.ceil(asked.memory / (size.memory - own.memory)),
    Math.ceil(placed.length / (size.pods - daemons.length)),
  );
}

/** The largest first, the smallest first, and some by chance; by chance the same each time. */
function ordersOf(pods: readonly Pod[]): Pod[][] {
  const bySize = [...pods].sort((a, b) => a.requests.memory - b.requests.memory || a.requests.cpu - b.requests.cpu);
  const random = generator(1);
  const shuffled = () =>
    pods
      .map((pod) => ({ pod, at: random() }))
      .sort((a, b) => a.at - b.at)
      .map(({ pod }) => pod);
  return [[...bySize].reverse(), bySize, ...Array.from({ length: SHUFFLES }, shuffled)];
}

/** Numbers from 0 to 1 that look like chance (the minimal standard of Park and Miller). */
function generator(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48271) % 0x7fffffff) / 0x7fffffff;
}

function byOwner(pods: readonly Pod[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { owner } of pods) counts[owner] = (counts[owner] ?? 0) + 1;
  return counts;
}

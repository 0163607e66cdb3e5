import { selects, type Selector } from "../policy/stack-index";
import type { Amount, Demand, Pod, Spread, Term } from "./pods";

/** What one node has for pods. */
export interface NodeSize extends Amount {
  /** How many pods its kubelet runs at most. */
  readonly pods: number;
}

/** A node, and what runs on it. */
class Node {
  readonly pods: Pod[] = [];
  used: Amount = { cpu: 0, memory: 0 };

  constructor(
    readonly size: NodeSize,
    private readonly topology: Readonly<Record<string, string>>,
  ) {}

  /** The zone that it is in, or whatever else a topology key asks for. */
  domain(key: string): string | undefined {
    return this.topology[key];
  }

  hasRoomFor({ requests }: Pod): boolean {
    return (
      this.pods.length < this.size.pods &&
      this.used.cpu + requests.cpu <= this.size.cpu &&
      this.used.memory + requests.memory <= this.size.memory
    );
  }

  add(pod: Pod): void {
    this.pods.push(pod);
    this.used = { cpu: this.used.cpu + pod.requests.cpu, memory: this.used.memory + pod.requests.memory };
  }
}

/** Spreads that a pod without own ones is given as a wish (kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints, "Internal default constraints"). */
const USUAL_SPREADS = [
  { topologyKey: "kubernetes.io/hostname", maxSkew: 3 },
  { topologyKey: "topology.kubernetes.io/zone", maxSkew: 5 },
] as const;

/** What a pod that asks for nothing counts with where nodes are compared: as kube-scheduler has it. */
const UNASKED: Amount = { cpu: 100, memory: 200 * 2 ** 20 };

const picks = (selector: Term["selector"], pod: Pod, by: Pod): boolean =>
  pod.namespace === by.namespace && selects(selector as Selector, pod.labels);

/**
 * Places pods on equal nodes one after another, each on the node that kube-scheduler with its default plugins would take: of those that have room
 * and break no demand, the one that is used least and most evenly, apart from its like.
 *
 * @param count of nodes, which are in `zones` zones in turn
 * @param chance from 0 to 1, by which one of several nodes that score the same is drawn, as kube-scheduler does
 * @returns those that found no node; a node's own, of DaemonSets, take their room on each first
 */
export function leftOver({ pods, daemons }: Demand, size: NodeSize, count: number, zones: number, chance = () => 0): Pod[] {
  const nodes = Array.from(
    { length: count },
    (_, index) =>
      new Node(size, {
        "kubernetes.io/hostname": `${index}`,
        "topology.kubernetes.io/zone": `${index % zones}`,
        "topology.kubernetes.io/region": "0",
      }),
  );
  const left: Pod[] = [];
  for (const node of nodes) for (const pod of daemons) node.add(pod);
  for (const pod of pods) {
    const node = best(pod, allowed(pod, nodes), nodes, chance);
    if (node) node.add(pod);
    else left.push(pod);
  }
  return left;
}

/** Nodes that have room for a pod, and on which no demand of it, or of a pod that is there, is broken. */
function allowed(pod: Pod, nodes: readonly Node[]): Node[] {
  const checks = [
    ...pod.apart.map((term) =>
      notIn(
        domainsOf(nodes, term.topologyKey, (other) => picks(term.selector, other, pod)),
        term.topologyKey,
      ),
    ),
    ...pod.near.map((term) => nearTo(pod, term, nodes)),
    ...pod.spread.filter(({ isDemand }) => isDemand).map((spread) => evenly(pod, spread, nodes)),
    (node: Node) => keepsApart(pod, node, nodes),
  ];
  return nodes.filter((node) => node.hasRoomFor(pod) && checks.every((check) => check(node)));
}

type Check = (node: Node) => boolean;

/** How many pods that are looked for each domain has, those with none left out. */
function domainsOf(nodes: readonly Node[], key: string, isMeant: (pod: Pod) => boolean): Map<string, number> {
  const counts = new Map<string, number>();
  for (const node of nodes) {
    const domain = node.domain(key);
    const found = node.pods.filter(isMeant).length;
    if (domain !== undefined && found > 0) counts.set(domain, (counts.get(domain) ?? 0) + found);
  }
  return counts;
}

const countIn = (counts: ReadonlyMap<string, number>, node: Node, key: string): number => counts.get(node.domain(key) ?? "") ?? 0;

const notIn =
  (domains: ReadonlyMap<string, number>, key: string): Check =>
  (node) =>
    countIn(domains, node, key) === 0;

/** Where others of a group are; the first of them may go anywhere. */
function nearTo(pod: Pod, { selector, topologyKey }: Term, nodes: readonly Node[]): Check {
  const domains = domainsOf(nodes, topologyKey, (other) => picks(selector, other, pod));
  const isFirst = domains.size === 0 && picks(selector, pod, pod);
  return (node) => isFirst || countIn(domains, node, topologyKey) > 0;
}

function evenly(pod: Pod, { selector, topologyKey, maxSkew }: Spread, nodes: readonly Node[]): Check {
  const counts = domainsOf(nodes, topologyKey, (other) => picks(selector, other, pod));
  const least = Math.min(
    ...nodes.filter((node) => node.domain(topologyKey) !== undefined).map((node) => countIn(counts, node, topologyKey)),
  );
  const own = picks(selector, pod, pod) ? 1 : 0;
  return (node) => node.domain(topologyKey) !== undefined && countIn(counts, node, topologyKey) + own - least <= maxSkew;
}

/** Whether pods that are there already bear this one in their domain. */
const keepsApart = (pod: Pod, node: Node, nodes: readonly Node[]): boolean =>
  !nodes.some((other) =>
    other.pods.some((there) =>
      there.apart.some(
        ({ selector, topologyKey }) => other.domain(topologyKey) === node.domain(topologyKey) && picks(selector, pod, there),
      ),
    ),
  );

/** One of the nodes with the highest score. Scores are whole numbers, and weights those of kube-scheduler's default plugins. */
function best(pod: Pod, candidates: readonly Node[], nodes: readonly Node[], chance: () => number): Node | undefined {
  if (candidates.length < 2) return candidates[0];
  const spread = spreadScores(spreadCosts(pod, candidates, nodes));
  const apart = apartScores(apartCosts(pod, candidates, nodes));
  const scores = candidates.map((node, index) => roomScore(pod, node) + 2 * spread[index]! + 2 * apart[index]!);
  const most = Math.max(...scores);
  const tied = candidates.filter((_, index) => scores[index] === most);
  return tied[Math.floor(chance() * tied.length)];
}

/** NodeResourcesFit (the least used) and NodeResourcesBalancedAllocation, together 0 to 200. */
function roomScore({ requests }: Pod, { used, size }: Node): number {
  const share = (resource: keyof Amount, asked: number) => Math.min(1, (used[resource] + asked) / size[resource]);
  const [cpu, memory] = [share("cpu", requests.cpu || UNASKED.cpu), share("memory", requests.memory || UNASKED.memory)];
  const free = Math.floor((Math.floor(100 * (1 - cpu)) + Math.floor(100 * (1 - memory))) / 2);
  return free + Math.floor(100 * (1 - Math.abs(cpu - memory) / 2));
}

function spreadCosts(pod: Pod, candidates: readonly Node[], nodes: readonly Node[]): number[] {
  const own = (other: Pod) => other.owner === pod.owner;
  const wishes = pod.spread.filter(({ isDemand }) => !isDemand);
  const counted =
    pod.spread.length > 0
      ? wishes.map(({ topologyKey, selector, maxSkew }) => ({ topologyKey, maxSkew, isMeant: (other: Pod) => picks(selector, other, pod) }))
      : USUAL_SPREADS.map((usual) => ({ ...usual, isMeant: own }));
  const counts = counted.map(({ topologyKey, isMeant }) => domainsOf(nodes, topologyKey, isMeant));
  const weights = counted.map(({ topologyKey }) => Math.log(new Set(candidates.map((node) => node.domain(topologyKey))).size + 2));
  return candidates.map((node) =>
    Math.round(
      counted.reduce(
        (sum, { topologyKey, maxSkew }, index) => sum + weights[index]! * countIn(counts[index]!, node, topologyKey) + (maxSkew - 1),
        0,
      ),
    ),
  );
}

function apartCosts(pod: Pod, candidates: readonly Node[], nodes: readonly Node[]): number[] {
  const counts = pod.ratherApart.map(({ topologyKey, selector }) => domainsOf(nodes, topologyKey, (other) => picks(selector, other, pod)));
  return candidates.map((node) =>
    pod.ratherApart.reduce((sum, { topologyKey, weight }, index) => sum + weight * countIn(counts[index]!, node, topologyKey), 0),
  );
}

/** 100 for what costs least, as PodTopologySpread has it: what costs most keeps the share that the least is of it. */
function spreadScores(costs: readonly number[]): number[] {
  const [least, most] = [Math.min(...costs), Math.max(...costs)];
  return costs.map((cost) => (most === 0 ? 100 : Math.floor((100 * (most + least - cost)) / most)));
}

/** 100 for what costs least, 0 for what costs most, as InterPodAffinity has it. */
function apartScores(costs: readonly number[]): number[] {
  const [least, most] = [Math.min(...costs), Math.max(...costs)];
  return costs.map((cost) => (most === least ? 0 : Math.floor((100 * (most - cost)) / (most - least))));
}

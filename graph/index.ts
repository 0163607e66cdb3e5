import type { KubeObject } from "../planned/objects";
import { allowed, calls, entrances, mounts, type Link } from "./links";
import { volumesIn, workloadsIn, type Part } from "./parts";

export { svgOf } from "./draw";
export type { Link } from "./links";
export type { Part } from "./parts";

/** Parts of stacks, and how they belong together. */
export interface Graph {
  readonly parts: readonly Part[];
  readonly links: readonly Link[];
  /** Which stack reads the outputs of which. */
  readonly reads: readonly { readonly stack: string; readonly other: string }[];
}

/**
 * What there is to see of a stack.
 *
 * @param reads which stack reads the outputs of which
 */
export function graphOf(objects: readonly KubeObject[], reads: Graph["reads"]): Graph {
  const workloads = workloadsIn(objects);
  const { parts: hosts, links: served } = entrances(objects, workloads);
  const parts = [...workloads.map(({ part }) => part), ...volumesIn(objects), ...hosts];
  const ids = new Set(parts.map(({ id }) => id));
  const links = [...served, ...calls(objects, workloads), ...mounts(workloads), ...allowed(objects, workloads)];
  return { parts, links: onePerPair(links.filter(({ from, to }) => ids.has(from) && ids.has(to))), reads };
}

/** The first of several between the same two: what is said first says more. */
const onePerPair = (links: readonly Link[]): Link[] =>
  [...new Map([...links].reverse().map((link) => [`${link.from} ${link.to}`, link])).values()].reverse();

import type { Fixture } from "./case";

type Node = Record<string, unknown>;
const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null;

/**
 * Every part of the stacks' objects left out or emptied in place, one at a time, and once where objects of a type have it more than once.
 *
 * @returns what is left out, as in `Deployment.spec.replicas`, and the stack that is without it until the next one is asked for
 */
export function* holesIn(stacks: readonly (readonly Fixture[])[]): Iterable<readonly [hole: string, stack: readonly Fixture[]]> {
  const seen = new Set<string>();
  for (const stack of stacks) {
    for (const { type, props } of stack) {
      for (const hole of holes(props, type, seen)) yield [hole, stack];
    }
  }
}

function* holes(node: Node, path: string, seen: Set<string>): Iterable<string> {
  const isList = Array.isArray(node);
  for (const [key, value] of Object.entries(node)) {
    const field = `${path}.${isList ? "*" : key}`;
    const isNew = !seen.has(field);
    seen.add(field);
    if (isNew && !isList) {
      delete node[key];
      yield field;
    }
    if (isNew && isNode(value)) {
      node[key] = Array.isArray(value) ? [] : {};
      yield `all of ${field}`;
    }
    node[key] = value;
    if (isNode(value)) yield* holes(value, field, seen);
  }
}

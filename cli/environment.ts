import { stacksReadBy } from "../config/references";
import { UserError } from "./errors";

const PROJECT = "stackyard";

/**
 * The stacks of an environment, `<name>` and `<name>-…`, in the order in which they read each other: those first that others read.
 * What they read beyond it is not among them.
 *
 * @param all names of all stacks that there are
 * @param configOf a stack's config, as its file has it
 * @throws UserError where there is no such environment, or its stacks read each other in a circle
 */
export function stacksOfEnvironment(
  name: string,
  all: readonly string[],
  configOf: (stack: string) => Readonly<Record<string, unknown>>,
): string[] {
  const members = all.filter((stack) => stack === name || stack.startsWith(`${name}-`)).sort();
  if (members.length === 0) {
    throw new UserError(`there is no stack of an environment "${name}" here; stacks are ${all.join(", ")}`, [
      `$EDITOR Pulumi.${name}.yaml   # to make it: docs/configuration.md says how`,
    ]);
  }
  return inOrder(members, members, configOf);
}

/**
 * The stacks of this repository that a stack reads, and those that they read, those first that others read.
 *
 * @throws UserError where they read each other in a circle
 */
export function readBy(stack: string, all: readonly string[], configOf: (stack: string) => Readonly<Record<string, unknown>>): string[] {
  return inOrder([stack], all, configOf).slice(0, -1);
}

/** Stacks and what they read of others, those first that others read. */
function inOrder(stacks: readonly string[], others: readonly string[], configOf: Parameters<typeof readBy>[2]): string[] {
  const ordered = new Set<string>();
  const add = (stack: string, readers: readonly string[]) => {
    if (readers.includes(stack)) refuseCircle([...readers.slice(readers.indexOf(stack)), stack]);
    if (ordered.has(stack)) return;
    const reads = stacksReadBy(configOf(stack)).map(nameHere);
    for (const read of others.filter((other) => reads.includes(other))) add(read, [...readers, stack]);
    ordered.add(stack);
  };
  for (const stack of stacks) add(stack, []);
  return [...ordered];
}

function refuseCircle(circle: readonly string[]): never {
  throw new UserError(`stacks read each other in a circle, and none can be first: ${circle.join(" reads ")}. Nothing was changed`, [
    ...circle.slice(1).map((stack) => `$EDITOR Pulumi.${stack}.yaml   # where it should not read the one after it`),
  ]);
}

/** The name of a stack of this project, of whichever organization; nothing for one of another project. */
function nameHere(reference: string): string | undefined {
  const [stack, project = PROJECT] = reference.split("/").reverse();
  return project === PROJECT ? stack : undefined;
}

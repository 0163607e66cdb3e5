import { readFileSync } from "node:fs";
import { givenInFiles } from "../../config/given";

/** What a stack's file says of rules. */
export const sectionOf = (stack: string): unknown => givenInFiles(`Pulumi.${stack}.yaml`).values["policy"] ?? {};

/** Stacks of this repository, those first that others read. */
export function stacksInOrder(stacks: readonly string[]): string[] {
  const reads = (stack: string) => stacks.filter((other) => other !== stack && namesIn(stack).includes(other));
  const ordered: string[] = [];
  const add = (stack: string): void => {
    if (ordered.includes(stack)) return;
    reads(stack).forEach(add);
    ordered.push(stack);
  };
  stacks.forEach(add);
  return ordered;
}

const namesIn = (stack: string): string[] =>
  [...readFileSync(`Pulumi.${stack}.yaml`, "utf8").matchAll(/(?:platformStack|sharedFrom): *([\w-]+)/g)].map(([, name = ""]) => name);

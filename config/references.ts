import { valueAt, type Path } from "./commands";

/** Places of a stack's config that name another stack, whose outputs it reads. */
export const REFERENCES: readonly Path[] = [["stackyard:platformStack"], ["stackyard:dotdo", "sharedFrom"]];

/**
 * Stacks that a config reads, as it names them: they have to be up before it.
 *
 * @param config its keys and values as the stack's file has them, unchecked
 */
export const stacksReadBy = (config: Readonly<Record<string, unknown>>): string[] =>
  REFERENCES.map((path) => valueAt(config, path)).filter((stack) => typeof stack === "string");

import * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";

const reasonsOf = (issue: z.core.$ZodIssue): { path: PropertyKey[]; reason: string }[] =>
  issue.code === "unrecognized_keys"
    ? issue.keys.map((key) => ({ path: [...issue.path, key], reason: "is no option: look for its name in the component's options" }))
    : [{ path: issue.path, reason: issue.message }];

/**
 * A component's arguments with every default filled in.
 *
 * @param what names the component in the error, such as `Dotdo "api"`
 * @throws pulumi.InputPropertiesError that holds all that is wrong, before anything is planned
 */
export function checked<Schema extends z.ZodType>(schema: Schema, args: unknown, what: string): z.output<Schema> {
  const result = schema.safeParse(args);
  if (result.success) return result.data;
  const errors = result.error.issues.flatMap(reasonsOf).map(({ path, reason }) => ({ propertyPath: path.join("."), reason }));
  throw new pulumi.InputPropertiesError({ message: `${what} was not planned: ${errors.length} of its arguments cannot be used`, errors });
}

/** Whether a value is known only later. */
const isLater = (value: unknown): value is pulumi.Output<unknown> | Promise<unknown> =>
  pulumi.Output.isInstance(value) || value instanceof Promise;

type Inputs<Value> = Readonly<Record<string, pulumi.Input<Value> | undefined>>;

/** Splits a map into what can be checked now and what is known only later; what is undefined is in neither. */
export function split<Value>(map: Inputs<Value> = {}): { now: Record<string, unknown>; later: Record<string, pulumi.Input<Value>> } {
  const entries = Object.entries(map).filter((entry): entry is [string, pulumi.Input<Value>] => entry[1] !== undefined);
  return {
    now: Object.fromEntries(entries.filter(([, value]) => !isLater(value))),
    later: Object.fromEntries(entries.filter(([, value]) => isLater(value))),
  };
}

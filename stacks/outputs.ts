import * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";
import { Refusal } from "../config";
import { StackOutputs } from "../outputs/contract";

type Exported = { readonly [Name in keyof StackOutputs]: pulumi.Input<StackOutputs[Name]> };

/**
 * What a stack exports, checked against the contract as soon as each value is known.
 *
 * @throws Refusal, when a value is known that breaks the contract
 */
export const exportsOf = (values: pulumi.Inputs): Exported =>
  Object.fromEntries(
    Object.entries(StackOutputs.shape)
      .filter(([name]) => values[name] !== undefined)
      .map(([name, schema]) => [name, pulumi.output(values[name]).apply((value: unknown) => contracted(name, schema, value))]),
  ) as Exported;

/** One value of the contract. */
export function contracted(name: string, schema: z.ZodType, value: unknown): unknown {
  const { error, data } = schema.safeParse(value);
  if (!error) return data;
  const wrong = error.issues.map(({ path, message }) => `  ${[name, ...path].join(".")}: ${message}`);
  throw new Refusal([`the stack exports what its contract (outputs/contract.ts) does not allow:`, ...wrong].join("\n"));
}

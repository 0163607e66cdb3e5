import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { Refusal } from "../config";

const DotdoOutputs = z.strictObject({
  /** Address inside the cluster. */
  url: z.url(),
  /** Addresses outside, one a host of its Ingress. */
  hosts: z.array(z.url()),
  namespace: z.string().min(1),
  service: z.string().min(1),
  /** Name that resolves to the pods themselves. */
  headlessService: z.string().min(1),
});

/** What a stack exports: a contract with whoever reads it. Names that have landed stay. */
export const StackOutputs = z.strictObject({
  cluster: z.strictObject({ context: z.string().min(1), uid: z.string().min(1) }),
  /** Only where the stack deploys the layer. */
  dotdo: DotdoOutputs.optional(),
  /** Objects that a destroy leaves in the cluster, because they hold data. */
  kept: z.array(z.strictObject({ kind: z.string(), namespace: z.string().optional(), name: z.string() })),
});

export type StackOutputs = z.output<typeof StackOutputs>;
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
  throw new Refusal([`the stack exports what its contract (stacks/outputs.ts) does not allow:`, ...wrong].join("\n"));
}

import * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";
import { Refusal } from "../config";
import { isSecretOutput, StackOutputs } from "../outputs/contract";

type Exported = { readonly [Name in keyof StackOutputs]: pulumi.Input<StackOutputs[Name]> };
type SecretValues = Readonly<Record<string, Readonly<Record<string, pulumi.Input<string>>>>>;

/**
 * What a stack exports, checked against the contract as soon as each value is known.
 *
 * @throws Refusal, when a value is known that breaks the contract, or a secret is where none belongs
 */
export const exportsOf = (values: pulumi.Inputs): Exported =>
  Object.fromEntries(
    Object.entries(StackOutputs.shape)
      .filter(([name]) => values[name] !== undefined)
      .map(([name, schema]) => [
        name,
        isSecretOutput(name)
          ? secretLeaves(name, schema, values[name] as SecretValues)
          : plain(name, schema, values[name] as pulumi.Input<object>),
      ]),
  ) as Exported;

function plain(name: string, schema: z.ZodType, given: pulumi.Input<object>): pulumi.Output<unknown> {
  const output = pulumi.output(given);
  return output.apply(async (value) => {
    if (await pulumi.isSecret(output))
      throw new Refusal(`${name} has a secret in it, and the contract (outputs/contract.ts) has it in clear`);
    return contracted(name, schema, value);
  });
}

/** Each leaf a secret by itself: so `pulumi stack output` shows which there are, and none of them. */
function secretLeaves(name: string, schema: z.ZodType, given: SecretValues) {
  const checked = pulumi.secret(given).apply((value) => contracted(name, schema, value) as Record<string, Record<string, string>>);
  return Object.fromEntries(
    Object.entries(given).map(([system, values]) => [
      system,
      Object.fromEntries(Object.keys(values).map((field) => [field, checked.apply((all) => all[system]?.[field])])),
    ]),
  );
}

/** One value of the contract. */
export function contracted(name: string, schema: z.ZodType, value: unknown): unknown {
  const { error, data } = schema.safeParse(value);
  if (!error) return data;
  const wrong = error.issues.map(({ path, message }) => `  ${[name, ...path].join(".")}: ${message}`);
  throw new Refusal([`the stack exports what its contract (outputs/contract.ts) does not allow:`, ...wrong].join("\n"));
}

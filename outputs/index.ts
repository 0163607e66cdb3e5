import * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";
import { Refusal } from "../config/refusal";
import { StackOutputs } from "./contract";

export { StackOutputs } from "./contract";

/** Whom outputs are asked of: a `StackReference`, of whichever copy of Pulumi's SDK. */
export interface Reference {
  readonly name: pulumi.Output<string>;
  getOutputDetails(name: string): Promise<pulumi.StackReferenceOutputDetails>;
}

type Name = keyof StackOutputs;
/** Outputs as they were read; those that were asked for by name are there. */
export type ReadOutputs<Needed extends Name> = StackOutputs & Required<Pick<StackOutputs, Needed>>;

/**
 * What a stack of Stackyard exports, checked before anything is planned with it.
 *
 *     const { dotdo } = await outputsOf(new pulumi.StackReference("organization/stackyard/prod"), ["dotdo"]);
 *
 * @param needed outputs that must be there, by name
 * @throws RunError that names the stack, each output that is missing or not what the contract says, and what to type
 */
export async function outputsOf<Needed extends Name = never>(
  reference: Reference,
  needed: readonly Needed[] = [],
): Promise<ReadOutputs<Needed>> {
  const names = Object.keys(StackOutputs.shape) as Name[];
  const found = await Promise.all(names.map(async (name) => ({ name, details: await reference.getOutputDetails(name) })));
  const problems = found.flatMap(({ name, details }) => problemsOf(name, details, needed));
  if (problems.length > 0) throw new Refusal(report(await nameOf(reference), problems));
  return Object.fromEntries(found.map(({ name, details }) => [name, details.value as unknown])) as ReadOutputs<Needed>;
}

const nameOf = (reference: Reference): Promise<string> => new Promise((resolve) => reference.name.apply(resolve));

/** What is wrong with one output. Its value is not repeated: it may be a secret. */
function problemsOf(name: Name, { value, secretValue }: pulumi.StackReferenceOutputDetails, needed: readonly Name[]): string[] {
  // no output of the contract is secret, so a value that is must not come out in clear here
  if (secretValue !== undefined) return [`${name}: is secret, and no output of the contract is`];
  if (value === undefined && needed.includes(name)) return [`${name}: is missing`];
  const schema: z.ZodType = StackOutputs.shape[name];
  const { error } = schema.safeParse(value);
  return (error?.issues ?? []).map(({ path, message }) => `${[name, ...path].join(".")}: ${message}`);
}

function report(stack: string, problems: readonly string[]): string {
  const name = stack.split("/").at(-1);
  return [
    `stack "${stack}" does not export what is read of it; nothing was changed.`,
    ...problems.map((problem) => `  ${problem}`),
    `  $ pulumi stack output --json --stack ${name}   # shows what it exports`,
    `  $ pulumi up --stack ${name}   # where the layer is in its config and it was last brought up by an older Stackyard`,
  ].join("\n");
}

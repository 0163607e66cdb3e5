import * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";
import { Refusal } from "../config/refusal";
import { isSecretOutput, StackOutputs, type SecretOutput } from "./contract";

export { StackOutputs } from "./contract";

/** Whom outputs are asked of: a `StackReference`, of whichever copy of Pulumi's SDK. */
export interface Reference {
  readonly name: pulumi.Output<string>;
  getOutputDetails(name: string): Promise<pulumi.StackReferenceOutputDetails>;
}

type Name = keyof StackOutputs;
type Hidden<Value> = Value extends string ? pulumi.Output<Value> : { readonly [Key in keyof Value]: Hidden<Value[Key]> };

/** What a stack exports, with each secret value as a secret Output: which there are is known, what they are is not. */
export type SafeOutputs = {
  readonly [Each in keyof StackOutputs]: Each extends SecretOutput ? Hidden<StackOutputs[Each]> : StackOutputs[Each];
};
/** Outputs as they were read; those that were asked for by name are there. */
export type ReadOutputs<Needed extends Name> = SafeOutputs & Required<Pick<SafeOutputs, Needed>>;

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
  return Object.fromEntries(
    found.map(({ name, details }) => [name, isSecretOutput(name) ? hidden(details.secretValue) : (details.value as unknown)]),
  ) as unknown as ReadOutputs<Needed>;
}

/**
 * The same of what `pulumi stack output --json` prints, where each secret value reads `[secret]`.
 *
 * @param stack its name, for what is said
 * @throws RunError likewise
 */
export function outputsIn<Needed extends Name = never>(
  stack: string,
  printed: Readonly<Record<string, unknown>>,
  needed: readonly Needed[] = [],
): StackOutputs & Required<Pick<StackOutputs, Needed>> {
  const problems = (Object.keys(StackOutputs.shape) as Name[]).flatMap((name) =>
    problemsOf(name, { [isSecretOutput(name) ? "secretValue" : "value"]: printed[name] }, needed),
  );
  if (problems.length > 0) throw new Refusal(report(stack, problems));
  return printed as StackOutputs & Required<Pick<StackOutputs, Needed>>;
}

const nameOf = (reference: Reference): Promise<string> => new Promise((resolve) => reference.name.apply(resolve));

const hidden = (value: unknown): unknown =>
  typeof value === "object" && value !== null
    ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, hidden(inner)]))
    : value === undefined
      ? undefined
      : pulumi.secret(value);

/** What is wrong with one output. Its value is not repeated: it may be a secret. */
function problemsOf(name: Name, { value, secretValue }: pulumi.StackReferenceOutputDetails, needed: readonly Name[]): string[] {
  const found: unknown = value ?? secretValue;
  if (found === undefined && needed.includes(name)) return [`${name}: is missing`];
  if (isSecretOutput(name) && value !== undefined) return [`${name}: stands in clear, and has to be secret`];
  // it must not come out in clear here
  if (!isSecretOutput(name) && secretValue !== undefined) return [`${name}: is secret, and no output of the contract is but secrets`];
  const schema: z.ZodType = StackOutputs.shape[name];
  const { error } = schema.safeParse(found);
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

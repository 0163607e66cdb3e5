import * as pulumi from "@pulumi/pulumi";
import { Refusal } from "../config";
import { outputsOf, type ReadOutputs, type StackOutputs } from "../outputs";

/**
 * Full name of a stack: `prod` is one of this project and organization, `other/prod` of another project.
 *
 * File backends know one organization only, which is called `organization`.
 */
export function fullNameOf(stack: string): string {
  const parts = stack.split("/");
  return [pulumi.getOrganization(), pulumi.getProject()]
    .slice(0, 3 - parts.length)
    .concat(parts)
    .join("/");
}

/**
 * What another stack exports, checked, with nothing planned yet.
 *
 * @param stack its name, with or without organization and project
 * @param needed outputs that must be there
 * @throws Refusal that names the stack, the output and what to type
 */
export type ReadStack = <Needed extends keyof StackOutputs>(stack: string, needed: readonly Needed[]) => Promise<ReadOutputs<Needed>>;

/** How one run reads other stacks: each is referred to once, whoever asks. */
export function stackReader(): ReadStack {
  const known = new Map<string, Promise<pulumi.StackReference>>();
  const referenceTo = async (name: string) => {
    await mustExist(name);
    return new pulumi.StackReference(name);
  };
  return async (stack, needed) => {
    const name = fullNameOf(stack);
    const reference = known.get(name) ?? referenceTo(name);
    known.set(name, reference);
    return outputsOf(await reference, needed);
  };
}

/** A StackReference to a stack that does not exist ends the run in the engine's words; this question only fails. */
async function mustExist(name: string): Promise<void> {
  try {
    await pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", { name });
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^invocation of \S+ returned an error: /, "") : String(error);
    throw new Refusal(
      [
        `stack "${name}" cannot be read: ${reason}. Nothing was changed.`,
        `  $ pulumi stack ls --all   # shows the stacks of this backend`,
        `  $ pulumi up --stack ${name.split("/").at(-1)}   # where it is one of this project that was never brought up`,
      ].join("\n"),
    );
  }
}

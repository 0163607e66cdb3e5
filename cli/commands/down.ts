import { Command, Option } from "commander";
import { stop } from "../../sandbox/cluster";
import { readStackFile } from "../../sandbox/stack";
import { UserError } from "../errors";
import { clusterOption, sandboxOption, stackArgument, yesOption } from "../options";
import { pulumi, stateOf, type ResourceState } from "../pulumi";
import { releaseDeadLock, unrecorded } from "../recovery";
import { step } from "../steps";
import { confirm, targetOf, type TargetOptions } from "../target";

interface DownOptions extends TargetOptions {
  readonly confirm?: string;
}

export const down = new Command("down")
  .summary("destroy what holds no data, and stop the sandbox")
  .description("Destroys what holds no data, says what it kept and how to remove it, and stops the sandbox.")
  .addArgument(stackArgument())
  .addOption(sandboxOption())
  .addOption(clusterOption())
  .addOption(yesOption())
  .addOption(new Option("--confirm <stack>", "name of the protected stack that is to be destroyed, where nobody can be asked"))
  .action(async (stack: string, options: DownOptions) => {
    const target = await targetOf(stack, options);
    await releaseDeadLock(target);
    if (isProtected(stack)) await confirmed(stack, options);

    const { resources = [] } = await stateOf(target);
    if (resources.some(({ protect }) => protect)) await pulumi(target, ["state", "unprotect", "--all", "--yes"]);
    const unknown = unrecorded(target);
    unknown.begin();
    await pulumi(target, ["destroy", ...(options.cluster && !options.yes ? [] : ["--yes"])]);
    const kept = resources.filter(({ retainOnDelete, type }) => retainOnDelete && type.startsWith("kubernetes:"));
    if (kept.length === 0) unknown.end();
    else tellKept(kept, target.sandbox !== undefined);
    if (target.sandbox) await step(`Stopping sandbox "${target.sandbox.name}"`, () => stop(options.sandbox));
  });

const isProtected = (stack: string) => readStackFile(`Pulumi.${stack}.yaml`).config?.["stackyard:protected"] === true;

async function confirmed(stack: string, options: DownOptions): Promise<void> {
  if (options.confirm === undefined)
    return confirm(stack, `Stack "${stack}" is protected, and is about to be destroyed`, `--confirm ${stack}`);
  if (options.confirm !== stack)
    throw new UserError(`--confirm names "${options.confirm}", and the protected stack is "${stack}": nothing was changed`);
}

function tellKept(kept: readonly ResourceState[], onSandbox: boolean): void {
  const named = kept.map(({ inputs }) => ({
    kind: inputs?.kind ?? "",
    name: inputs?.metadata?.name,
    namespace: inputs?.metadata?.namespace,
  }));
  console.log(`\nKept, because it holds data (the next up${onSandbox ? "" : " --take-over"} takes it over again):`);
  for (const { kind, name, namespace } of named) console.log(`  ${kind} ${namespace ? `${namespace}/` : ""}${name}`);
  console.log("To remove it, and the data with it:");
  for (const { name } of named.filter(({ kind }) => kind === "Namespace")) console.log(`  kubectl delete namespace ${name}`);
  if (onSandbox) console.log("  npx stackyard sandbox reset   # or all of the sandbox at once");
}

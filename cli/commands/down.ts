import { Command, Option } from "commander";
import { stop } from "../../sandbox/cluster";
import { configIn } from "../../sandbox/stack";
import { UserError } from "../errors";
import { clusterOption, environmentOption, sandboxOption, stackArgument, yesOption } from "../options";
import { pulumi, stateOf, type ResourceState } from "../pulumi";
import { releaseDeadLock, unrecorded } from "../recovery";
import { step } from "../steps";
import { inTurn, stacksMeant, type StacksOptions } from "../stacks";
import { confirm, targetsOf, type Target } from "../target";

interface DownOptions extends StacksOptions {
  readonly confirm?: string;
}

export const down = new Command("down")
  .summary("destroy what holds no data, and stop the sandbox")
  .description("Destroys what holds no data, says what it kept and how to remove it, and stops the sandbox.")
  .addArgument(stackArgument())
  .addOption(environmentOption())
  .addOption(sandboxOption())
  .addOption(clusterOption())
  .addOption(yesOption())
  .addOption(
    new Option("--confirm <name>", "name of the protected stack or environment that is to be destroyed, where nobody can be asked"),
  )
  .action(async (stack: string, options: DownOptions, command: Command) => {
    const targets = await targetsOf(stacksMeant(stack, options, command).reverse(), options); // what others read goes last
    if (targets.some(isProtected)) await confirmed(options.environment, stack, options.confirm);
    await inTurn(targets, (target) => destroy(target, options));
    if (targets[0]?.sandbox) await step(`Stopping sandbox "${options.sandbox}"`, () => stop(options.sandbox));
  });

async function destroy(target: Target, options: DownOptions): Promise<void> {
  await releaseDeadLock(target);
  const { resources = [] } = await stateOf(target);
  if (resources.some(({ protect }) => protect)) await pulumi(target, ["state", "unprotect", "--all", "--yes"]);
  const unknown = unrecorded(target);
  unknown.begin();
  await pulumi(target, ["destroy", ...(options.cluster && !options.yes ? [] : ["--yes"])]);
  const kept = resources.filter(({ retainOnDelete, type }) => retainOnDelete && type.startsWith("kubernetes:"));
  if (kept.length === 0) unknown.end();
  else tellKept(kept, target.sandbox !== undefined);
}

const isProtected = ({ stack }: Target) => configIn(`Pulumi.${stack}.yaml`)["stackyard:protected"] === true;

/** @throws UserError unless the name of what is to be destroyed is typed, or given beforehand */
async function confirmed(environment: string | undefined, stack: string, given: string | undefined): Promise<void> {
  const name = environment ?? stack;
  const what = `${environment === undefined ? "Stack" : "Environment"} "${name}"`;
  if (given === undefined) return confirm(name, `${what} is protected, and is about to be destroyed`, `--confirm ${name}`);
  if (given !== name)
    throw new UserError(
      `--confirm names "${given}", and what is protected is ${what.replace(/^./, (first) => first.toLowerCase())}: nothing was changed`,
    );
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

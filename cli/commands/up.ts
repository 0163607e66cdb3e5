import { Command, Option } from "commander";
import { diagnose } from "../diagnose";
import { hasSpoken } from "../errors";
import { importReleases, leavingOut } from "../helm-import";
import { interrupted } from "../interrupt";
import { clusterOption, environmentOption, sandboxOption, stackArgument, yesOption } from "../options";
import { passedOn } from "../passed-on";
import { ask, pulumi } from "../pulumi";
import { releaseDeadLock, unrecorded } from "../recovery";
import { set, setOption, type Setting } from "../settings";
import { checkConfigs, inTurn, stacksMeant, type StacksOptions } from "../stacks";
import { table } from "../table";
import { sweep, takeOver, unjudged } from "../take-over";
import { placeOf, targetsOf, type Target } from "../target";
import { judged } from "../verdict";

interface UpOptions extends StacksOptions {
  readonly set: readonly Setting[];
  readonly takeOver: boolean;
}

export const up = new Command("up")
  .summary("bring a stack up, or all of an environment")
  .description("Brings a stack up: gets the tools, starts the sandbox, runs `pulumi up` with the policy pack, and prints what came of it.")
  .addArgument(stackArgument())
  .addOption(environmentOption().conflicts("set"))
  .addOption(sandboxOption())
  .addOption(clusterOption())
  .addOption(yesOption())
  .addOption(setOption())
  .addOption(new Option("--take-over", "take over objects of this stack that its state does not know").default(false))
  .addHelpText("after", "\nWhat follows -- goes to `pulumi up`, for example: stackyard up -- --diff")
  .action(async (stack: string, options: UpOptions, command: Command) => {
    const started = Date.now();
    const targets = await targetsOf(stacksMeant(stack, options, command), options);
    await checkConfigs(targets);
    let begun = started;
    await inTurn(targets, async (target) => {
      await bringUp(target, options);
      await report(target, begun);
      begun = Date.now();
    });
    if (targets.length > 1) console.log(`\nUp are ${targets.map(({ stack }) => stack).join(", ")} (${secondsSince(started)}).`);
  });

async function bringUp(target: Target, options: UpOptions): Promise<void> {
  await set(target, options.set);
  await releaseDeadLock(target);
  const unknown = unrecorded(target);
  const recovering = options.takeOver || unknown.possible();
  const { run, releases } = recovering ? await takeOver(target) : { run: target, releases: [] };
  const common = ["--suppress-outputs", ...(options.cluster && !options.yes ? [] : ["--yes"])];

  unknown.begin();
  try {
    if (releases.length > 0) {
      await judged(run, "preview", ["--suppress-outputs"]);
      // what is left out comes to the policy pack without any inputs
      await judged(unjudged(run), "up", [...common, ...leavingOut(releases)]);
      await importReleases(run, releases);
    }
    await judged(run, "up", [...common, ...passedOn]);
  } catch (error) {
    if (!interrupted() && hasSpoken(error)) await diagnose(target);
    throw error;
  }
  // what was allowed for that one run is not kept in the state
  if (run !== target) await pulumi(target, ["up", "--yes", "--skip-preview", "--suppress-outputs"]);
  if (recovering) await sweep(target);
  unknown.end();
}

const secondsSince = (started: number) => `${Math.round((Date.now() - started) / 1000)} s`;

async function report(target: Target, started: number): Promise<void> {
  const outputs = await ask<Record<string, unknown>>(target, ["stack", "output", "--json"]);
  console.log(`\nStack "${target.stack}" is up (${secondsSince(started)}). Its outputs:\n${JSON.stringify(outputs, undefined, 2)}`);
  const { dns = [] } = outputs as { dns?: readonly { readonly name: string; readonly type?: string; readonly value?: string }[] };
  if (dns.length > 0) {
    const rows = dns.map(({ name, type = "", value = "its address is not known yet" }) => [name, type, value]);
    console.log(`\nDNS records that its hosts need:\n${table(["name", "type", "value"], rows)}`);
  }
  if (!target.sandbox) return;
  const name = placeOf(target);
  console.log(`
What to type next:
  eval "$(npx stackyard env ${target.stack}${name})"   # then pulumi, kubectl and helm work against the sandbox
  kubectl get all --all-namespaces -l app.kubernetes.io/part-of=stackyard
  npm run preview -- ${target.stack}${name}            # what an edit of Pulumi.${target.stack}.yaml would change
  npm run down -- ${target.stack}${name}               # destroys what holds no data and stops the sandbox`);
}

import { Command, Option } from "commander";
import { writeFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { deployedIn, junitOf, recordsOf, summaryOf, textOf, verify as look, worldOf, type Result } from "../../verify";
import { UserError } from "../errors";
import { checkWritable } from "../files";
import { interrupted, signal } from "../interrupt";
import { clusterOption, jsonOption, sandboxOption, stackArgument } from "../options";
import { stateOf } from "../pulumi";
import { step } from "../steps";
import { nextOn, placeOf, targetsOf, type Target } from "../target";

interface VerifyOptions {
  readonly sandbox: string;
  readonly cluster?: string;
  readonly wait: number;
  readonly json: boolean;
  readonly junit?: string;
}

const PAUSE_MS = 1000;

export function secondsIn(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new UserError(`--wait takes whole seconds, and "${text}" is none`, ["npx stackyard verify dev --wait 300"]);
}

export const verify = new Command("verify")
  .summary("look whether a deployed stack is well, point by point")
  .description(
    "Looks at everything that a stack has deployed, as the cluster has it now: there, bound, ready, complete, addressed, answering, certified, with its secrets. Changes nothing. Ends with 1 when a point is red, and says for each what to type next.",
  )
  .addArgument(stackArgument())
  .addOption(sandboxOption())
  .addOption(clusterOption())
  .addOption(
    new Option("--wait [seconds]", "look again until all is green, at most so long")
      .argParser(secondsIn)
      .preset("300")
      .default(0, "one look"),
  )
  .addOption(jsonOption())
  .addOption(new Option("--junit <file>", "write what was found as JUnit's XML, too"))
  .action(async (stack: string, options: VerifyOptions) => {
    if (options.junit !== undefined) checkWritable("--junit", options.junit);
    const [target] = await targetsOf([stack], { ...options, yes: true }); // nothing is changed
    const started = Date.now();
    const results = await verified(target!, options.wait);
    if (options.junit !== undefined) writeFileSync(options.junit, junitOf(results, stack, (Date.now() - started) / 1000));
    console.log(options.json ? JSON.stringify(recordsOf(results), undefined, 2) : toldOf(results, target!));
    if (results.some(isRed)) process.exitCode = 1;
  });

const isRed = ({ status }: Result) => status === "failed";

/**
 * What every row finds of a stack.
 *
 * @param wait seconds within which what is red may become green
 * @param system of which alone the rows are told. @default all
 * @throws UserError where the stack has nothing deployed
 */
export async function verified(target: Target, wait: number, system?: string): Promise<Result[]> {
  const { resources = [] } = await stateOf(target);
  const deployed = deployedIn(resources);
  if (deployed.length === 0)
    throw new UserError(`stack "${target.stack}" has nothing deployed to look at`, [nextOn(target, "up", target.stack)]);
  const end = Date.now() + wait * 1000;
  return step(`Looking at ${deployed.length} objects of stack "${target.stack}"`, async (say) => {
    for (;;) {
      const all = await look(await worldOf(target, deployed));
      const results = system === undefined ? all : all.filter(({ object }) => object.system === system);
      const red = results.filter(isRed);
      if (red.length === 0 || Date.now() > end || interrupted()) return results;
      say(`${red.length} points are red: ${red[0]!.object.name} ${red[0]!.found}`);
      await setTimeout(PAUSE_MS, undefined, { signal });
    }
  });
}

function toldOf(results: readonly Result[], target: Target): string {
  const red = results.filter(isRed);
  const commands = target.sandbox
    ? [`eval "$(npx stackyard env ${target.stack}${placeOf(target)})"   # so that kubectl reaches the sandbox`]
    : [`kubectl config use-context ${target.context}`];
  if (red.some(({ found }) => found === "is not there")) {
    commands.push(`${nextOn(target, "up", target.stack)} -- --refresh   # makes what is not there again`);
  }
  const first = red.length > 0 ? `\nBefore what is said to be typed above:\n${commands.map((line) => `  ${line}`).join("\n")}` : "";
  return `${textOf(results)}\n\nStack "${target.stack}": ${summaryOf(results)}.${first}`;
}

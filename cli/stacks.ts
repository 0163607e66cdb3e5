import type { Command } from "commander";
import { configIn, stacksOf } from "../sandbox/stack";
import { stacksOfEnvironment } from "./environment";
import { hasSpoken, UserError } from "./errors";
import { interrupted } from "./interrupt";
import { sameAgain } from "./passed-on";
import { project, type Target, type TargetOptions } from "./target";

export interface StacksOptions extends TargetOptions {
  /** Name of the environment whose stacks are all meant. */
  readonly environment?: string;
}

/** Names of the stacks that a command line means, those first that others read. */
export function stacksMeant(stack: string, { environment }: StacksOptions, command: Command): string[] {
  if (environment === undefined) return [stack];
  if (command.args.length > 0) {
    throw new UserError(
      `stack "${stack}" and --environment ${environment} are both given: a run works on one stack, or on all of an environment`,
      [`npx stackyard ${command.name()} ${stack}`, `npx stackyard ${command.name()} --environment ${environment}`],
    );
  }
  return stacksOfEnvironment(environment, stacksOf(project), (name) => configIn(`Pulumi.${name}.yaml`));
}

/**
 * Checks the config of every stack before the first of several is run: the run of each checks only its own.
 *
 * @throws UserError that names every error of all of them
 */
export async function checkConfigs(targets: readonly Target[]): Promise<void> {
  if (targets.length === 1) return;
  const { checkFile, Refusal } = await import("../config"); // the schemas take 0.4 s to load
  const refusals = targets.flatMap(({ stack, env }) => {
    try {
      checkFile(stack, env["PULUMI_OPTION_CONFIG_FILE"] ?? `Pulumi.${stack}.yaml`);
      return [];
    } catch (error) {
      if (error instanceof Refusal) return [error.message];
      throw error;
    }
  });
  if (refusals.length > 0) throw new UserError(refusals.join("\n\n"));
}

/**
 * Works on one stack after another. The first that fails ends the run.
 *
 * @throws UserError that says which stack failed, which were not tried, and what to type to go on; of one stack alone its own error
 */
export async function inTurn(targets: readonly Target[], work: (target: Target) => Promise<void>): Promise<void> {
  for (const [index, target] of targets.entries()) {
    if (targets.length > 1) console.log(`\nStack ${index + 1} of ${targets.length}: ${target.stack}\n`);
    try {
      await work(target);
    } catch (error) {
      if (interrupted() || targets.length === 1) throw error;
      const said = hasSpoken(error) ? "" : `: ${error instanceof Error ? error.message : String(error)}`;
      const left = targets.slice(index + 1).map(({ stack }) => stack);
      throw new UserError(`stack "${target.stack}" failed${said}${left.length > 0 ? `\n\nNot tried: ${left.join(", ")}` : ""}`, [
        ...(error instanceof UserError ? error.remedy : []),
        `${sameAgain()}   # once it is mended; what is done already stays as it is`,
      ]);
    }
  }
}

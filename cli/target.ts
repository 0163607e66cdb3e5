import { input } from "@inquirer/prompts";
import { execa } from "execa";
import { open, type Sandbox } from "../sandbox";
import { openStack, configIn, stacksOf } from "../sandbox/stack";
import { ensure, pathOf } from "../sandbox/toolchain";
import { uidOf } from "./cluster";
import { UserError } from "./errors";
import { signal } from "./interrupt";
import { sameAgain } from "./passed-on";
import { step } from "./steps";

/** Where a command works: a stack, and the environment in which `pulumi` reaches it. */
export interface Target {
  readonly stack: string;
  /** Kube context of its cluster. */
  readonly context: string;
  readonly env: Readonly<Record<string, string>>;
  /** The sandbox, unless the cluster is the user's own. */
  readonly sandbox?: Sandbox;
}

/** Options that lead to where a target is. */
export const placeOf = ({ sandbox, context }: Target): string => {
  if (!sandbox) return ` --cluster ${context}`;
  return sandbox.name === "default" ? "" : ` --sandbox ${sandbox.name}`;
};

/** A command as it is to be typed next where a target is. */
export const nextOn = (target: Target, ...words: string[]): string => `npx stackyard ${words.join(" ")}${placeOf(target)}`;

export interface TargetOptions {
  readonly sandbox: string;
  /** Kube context of a cluster of the user's own. */
  readonly cluster?: string;
  readonly yes?: boolean;
}

/** The project, whose folder the entry point has made the working directory. */
export const project = process.cwd();

/**
 * File of a stack.
 *
 * @throws UserError where there is no such stack
 */
export function knownStack(stack: string): string {
  const file = `Pulumi.${stack}.yaml`;
  if (stacksOf(project).includes(stack)) return file;
  throw new UserError(`there is no stack "${stack}" here; stacks are ${stacksOf(project).join(", ")}`, [
    `$EDITOR ${file}   # to make it: docs/configuration.md says how`,
  ]);
}

/** Stacks on their sandbox, or on the user's cluster when one is named, in the order in which they are given. */
export async function targetsOf(stacks: readonly string[], options: TargetOptions): Promise<Target[]> {
  stacks.forEach(knownStack);
  return options.cluster ? onCluster(stacks, options.cluster, options.yes ?? false) : onSandbox(stacks, options.sandbox);
}

async function onSandbox(stacks: readonly string[], name: string): Promise<Target[]> {
  const sandbox = await open(name, step, { signal });
  for (const plugin of sandbox.plugins.filter(({ source }) => source === "stand-in")) {
    console.error(`  The official ${plugin.name} plugin cannot be had here: the sandbox's stand-in plays it.`);
  }
  const targets: Target[] = [];
  for (const stack of stacks) {
    const env = await step(`Stack "${stack}"`, (say) => openStack(sandbox, project, stack, say, signal));
    targets.push({ stack, sandbox, context: sandbox.cluster.context, env });
  }
  return targets;
}

/**
 * The user's own cluster: with the user's own backend, stack files and plugins, and only when each file names the same cluster.
 * No stand-in ever works on it.
 */
async function onCluster(stacks: readonly string[], context: string, yes: boolean): Promise<Target[]> {
  const uid = await uidOf(context);
  for (const stack of stacks) refuseUnbound(stack, context, uid);
  const named = stacks.map((stack) => `"${stack}"`).join(", ");
  if (!yes)
    await confirm(
      context,
      stacks.length === 1
        ? `Stack ${named} is about to change the cluster of context "${context}"`
        : `Stacks ${named} are about to change the cluster of context "${context}"`,
      "--yes",
    );

  const programs = await step("Pulumi", (say) => ensure(["pulumi"], say, signal));
  const targets = stacks.map((stack) => ({
    stack,
    context,
    env: {
      PATH: [...pathOf(Object.values(programs)), process.env.PATH].join(":"),
      PULUMI_STACK: stack,
      PULUMI_OPTION_POLICY_PACK: `${project}/policy`,
    },
  }));
  for (const { stack, env } of targets) {
    const known = await execa("pulumi", ["stack", "--show-name"], { env, reject: false });
    if (known.exitCode !== 0) {
      throw new UserError(`Pulumi does not know stack "${stack}": ${known.stderr}`, [
        `${programs.pulumi.path} login <the backend of your state>`,
        `${programs.pulumi.path} stack init ${stack} --secrets-provider <yours>`,
      ]);
    }
  }
  return targets;
}

/** @throws UserError where a stack's file names another cluster than the one that a context reaches */
function refuseUnbound(stack: string, context: string, uid: string): void {
  const bound = configIn(`Pulumi.${stack}.yaml`)["stackyard:cluster"] as { context?: string; uid?: string } | undefined;
  if (bound?.context === context && bound.uid === uid) return;
  throw new UserError(
    `stack "${stack}" is bound to ${bound ? `context "${bound.context}" with uid ${bound.uid}` : "no cluster"}, and context "${context}" is a cluster with uid ${uid}`,
    [
      `pulumi config set --stack ${stack} --path 'stackyard:cluster.context' ${context}   # only if this is the cluster of ${stack}`,
      `pulumi config set --stack ${stack} --path 'stackyard:cluster.uid' ${uid}`,
    ],
  );
}

/** Asks for a name to be typed; without a terminal nothing is asked, and the command with the option that says it beforehand is named. */
export async function confirm(name: string, message: string, option: string): Promise<void> {
  if (!process.stdin.isTTY) {
    throw new UserError(`${message}, and without a terminal nobody can be asked`, [sameAgain(option)]);
  }
  const typed = await input({ message: `${message}. Type ${name} to go on:` });
  if (typed !== name) throw new UserError(`"${typed}" is not ${name}: nothing was changed`);
}

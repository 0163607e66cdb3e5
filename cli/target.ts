import { input } from "@inquirer/prompts";
import { execa } from "execa";
import { open, type Sandbox } from "../sandbox";
import { openStack, readStackFile, stacksOf } from "../sandbox/stack";
import { ensure, pathOf } from "../sandbox/toolchain";
import { uidOf } from "./cluster";
import { UserError } from "./errors";
import { signal } from "./interrupt";
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

/** The stack on its sandbox, or on the user's cluster when one is named. */
export async function targetOf(stack: string, options: TargetOptions): Promise<Target> {
  knownStack(stack);
  return options.cluster ? onCluster(stack, options.cluster, options.yes ?? false) : onSandbox(stack, options.sandbox);
}

async function onSandbox(stack: string, name: string): Promise<Target> {
  const sandbox = await open(name, step, { signal });
  for (const plugin of sandbox.plugins.filter(({ source }) => source === "stand-in")) {
    console.error(`  The official ${plugin.name} plugin cannot be had here: the sandbox's stand-in plays it.`);
  }
  const env = await step(`Stack "${stack}"`, (say) => openStack(sandbox, project, stack, say, signal));
  return { stack, sandbox, context: sandbox.cluster.context, env };
}

/**
 * The user's own cluster: with the user's own backend, stack file and plugins, and only when the file names the same cluster.
 * No stand-in ever works on it.
 */
async function onCluster(stack: string, context: string, yes: boolean): Promise<Target> {
  const uid = await uidOf(context);
  const bound = readStackFile(`Pulumi.${stack}.yaml`).config?.["stackyard:cluster"] as { context?: string; uid?: string } | undefined;
  if (bound?.context !== context || bound.uid !== uid) {
    throw new UserError(
      `stack "${stack}" is bound to ${bound ? `context "${bound.context}" with uid ${bound.uid}` : "no cluster"}, and context "${context}" is a cluster with uid ${uid}`,
      [
        `pulumi config set --stack ${stack} --path 'stackyard:cluster.context' ${context}   # only if this is the cluster of ${stack}`,
        `pulumi config set --stack ${stack} --path 'stackyard:cluster.uid' ${uid}`,
      ],
    );
  }
  if (!yes) await confirm(context, `Stack "${stack}" is about to change the cluster of context "${context}"`, "--yes");

  const programs = await step("Pulumi", (say) => ensure(["pulumi"], say, signal));
  const env = {
    PATH: [...pathOf(Object.values(programs)), process.env.PATH].join(":"),
    PULUMI_STACK: stack,
    PULUMI_OPTION_POLICY_PACK: `${project}/policy`,
  };
  const known = await execa("pulumi", ["stack", "--show-name"], { env, reject: false });
  if (known.exitCode !== 0) {
    throw new UserError(`Pulumi does not know stack "${stack}": ${known.stderr}`, [
      `${programs.pulumi.path} login <the backend of your state>`,
      `${programs.pulumi.path} stack init ${stack} --secrets-provider <yours>`,
    ]);
  }
  return { stack, context, env };
}

/** Asks for a name to be typed; without a terminal nothing is asked, and the command with the option that says it beforehand is named. */
export async function confirm(name: string, message: string, option: string): Promise<void> {
  if (!process.stdin.isTTY) {
    throw new UserError(`${message}, and without a terminal nobody can be asked`, [
      `npx stackyard ${process.argv.slice(2).join(" ")} ${option}`,
    ]);
  }
  const typed = await input({ message: `${message}. Type ${name} to go on:` });
  if (typed !== name) throw new UserError(`"${typed}" is not ${name}: nothing was changed`);
}

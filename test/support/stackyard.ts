import { execa, type Options } from "execa";

/** Runs the command as a user types it; never rejects, so that a test can look at how it ended. */
export const stackyard = (args: readonly string[], options: Options = {}) =>
  execa("node", ["cli/stackyard.mjs", ...args], { stdin: "ignore", ...options, reject: false });

/** All that a run has printed, for the message of a test that fails. */
export const printed = ({ stdout, stderr }: Awaited<ReturnType<typeof stackyard>>): string => `${stdout as string}\n${stderr as string}`;

/** The environment in which plain `pulumi` and `kubectl` work on a sandbox. */
export async function environmentOf(sandbox: string, stack = "dev"): Promise<Record<string, string>> {
  const { stdout } = await execa("node", ["cli/stackyard.mjs", "env", stack, "--sandbox", sandbox, "--json"]);
  return JSON.parse(stdout) as Record<string, string>;
}

/** Waits until a condition holds, and says what was waited for when it does not within the time. */
export async function until(what: string, holds: () => Promise<boolean>, seconds = 60): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (!(await holds().catch(() => false))) {
    if (Date.now() > end) throw new Error(`waited ${seconds} s in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

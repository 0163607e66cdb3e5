import { execa } from "execa";
import { interrupted } from "./interrupt";
import type { Target } from "./target";

/** Runs `pulumi` on a target with its output straight to the terminal. Pulumi ends what it is doing when ctrl-C is pressed. */
export async function pulumi({ env }: Target, args: readonly string[]): Promise<void> {
  const run = execa("pulumi", args, { env, stdio: "inherit", cleanup: false });
  // on a terminal ctrl-C reaches Pulumi itself, and twice would mean "at once"
  const forward = () => process.stdin.isTTY || run.kill("SIGINT");
  process.on("SIGINT", forward).on("SIGTERM", forward);
  try {
    await run;
  } finally {
    process.off("SIGINT", forward).off("SIGTERM", forward);
  }
  if (interrupted()) throw new Error("interrupted");
}

/** What `pulumi` answers to a question, read as JSON. */
export async function ask<T>({ env }: Target, args: readonly string[]): Promise<T> {
  const { stdout } = await execa("pulumi", args, { env });
  return JSON.parse(stdout) as T;
}

/** What Pulumi keeps of one resource, as `pulumi stack export` writes it. */
export interface ResourceState {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly retainOnDelete?: boolean;
  readonly protect?: boolean;
  readonly inputs?: {
    readonly apiVersion?: string;
    readonly kind?: string;
    readonly metadata?: { readonly name?: string; readonly namespace?: string };
  };
}

interface Export {
  readonly deployment: {
    readonly resources?: readonly ResourceState[];
    readonly pending_operations?: readonly { readonly type: string }[];
  };
}

export const stateOf = async (target: Target) => (await ask<Export>(target, ["stack", "export"])).deployment;

import { execa, ExecaError } from "execa";
import { stripVTControlCharacters } from "node:util";
import { UserError } from "./errors";
import { interrupted } from "./interrupt";
import { endSurvivors, RUN, runId } from "../engine/survivors";
import type { Target } from "./target";

/** Runs `pulumi` on a target with its output straight to the terminal. Pulumi ends what it is doing when ctrl-C is pressed. */
export async function pulumi({ env }: Target, args: readonly string[]): Promise<void> {
  const run = execa("pulumi", args, { env: { ...env, ...RUN }, stdio: "inherit", cleanup: false });
  // on a terminal ctrl-C reaches Pulumi itself, and twice would mean "at once"
  const forward = () => process.stdin.isTTY || run.kill("SIGINT");
  process.on("SIGINT", forward).on("SIGTERM", forward);
  try {
    await run;
  } catch (error) {
    if (error instanceof ExecaError && error.isTerminated) endSurvivors(runId);
    throw error;
  } finally {
    process.off("SIGINT", forward).off("SIGTERM", forward);
  }
  if (interrupted()) throw new Error("interrupted");
}

/**
 * What `pulumi` answers to a question, read as JSON.
 *
 * @throws UserError that says what Pulumi says went wrong
 */
export async function ask<T>({ env }: Pick<Target, "env">, args: readonly string[]): Promise<T> {
  const { stdout, stderr, exitCode } = await execa("pulumi", args, { env, reject: false });
  if (exitCode === 0) return JSON.parse(stdout) as T;
  throw new UserError(`\`pulumi ${args.join(" ")}\` ended with ${exitCode}:\n${[...diagnosticsIn(stdout), stderr].join("\n").trim()}`);
}

/** The errors in what a preview has printed as JSON. */
function diagnosticsIn(json: string): string[] {
  try {
    const { diagnostics = [] } = JSON.parse(json) as { diagnostics?: { severity: string; message: string }[] };
    return diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => stripVTControlCharacters(message));
  } catch {
    return [json];
  }
}

/** What Pulumi keeps of one resource, as `pulumi stack export` writes it. */
export interface ResourceState {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  /** Not a component. */
  readonly custom?: boolean;
  readonly parent?: string;
  readonly provider?: string;
  readonly retainOnDelete?: boolean;
  readonly protect?: boolean;
  readonly inputs?: {
    readonly apiVersion?: string;
    readonly kind?: string;
    readonly metadata?: { readonly name?: string; readonly namespace?: string };
    /** Of a release of Helm's, which has no metadata. */
    readonly name?: string;
    readonly namespace?: string;
  };
}

interface Export {
  readonly deployment: {
    readonly resources?: readonly ResourceState[];
    readonly pending_operations?: readonly { readonly type: string }[];
  };
}

export const stateOf = async (target: Target) => (await ask<Export>(target, ["stack", "export"])).deployment;

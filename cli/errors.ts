import { ExecaError } from "execa";

/** An error that a user can act on: printed as it is, without a stack trace. */
export class UserError extends Error {
  constructor(
    message: string,
    /** What to type next, a command a line. */
    readonly remedy: readonly string[] = [],
  ) {
    super(message);
  }
}

/** Whether a program has failed whose own output went straight to the terminal, and has said it all. */
export const hasSpoken = (error: unknown): error is ExecaError => error instanceof ExecaError && error.stderr === undefined;

/** Prints what went wrong to standard error and returns the exit code. */
export function fail(error: unknown): number {
  if (hasSpoken(error)) return error.exitCode ?? 1;
  console.error(`\nerror: ${error instanceof Error ? error.message : String(error)}`);
  if (error instanceof UserError && error.remedy.length > 0) {
    console.error(`\nWhat to type next:\n${error.remedy.map((line) => `  ${line}`).join("\n")}`);
  }
  return 1;
}

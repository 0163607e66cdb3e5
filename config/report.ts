import type { Problem } from "./problem";

/** Every problem of a stack's config as what to tell its author. */
export function report(stack: string, problems: readonly Problem[]): string {
  const count = problems.length === 1 ? "1 error" : `${problems.length} errors`;
  const lines = problems.flatMap(({ key, reason, remedies }) => ["", key, `  ${reason}`, ...remedies.map((command) => `  $ ${command}`)]);
  return [
    `the config of stack "${stack}" has ${count}; nothing was changed. Mend Pulumi.${stack}.yaml, or type the commands.`,
    ...lines,
  ].join("\n");
}

import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hasSpoken, UserError } from "./errors";
import { pulumi } from "./pulumi";
import type { Target } from "./target";

/** The part of an event of Pulumi's engine that is looked at. */
interface EngineEvent {
  readonly policyEvent?: { readonly message: string; readonly enforcementLevel: string };
}

/**
 * Runs a `pulumi` that judges what it plans, with its output straight to the terminal.
 *
 * @throws UserError that names the rules which refuse it, and how to learn more of them
 */
export async function judged(target: Target, operation: "preview" | "up", args: readonly string[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "stackyard-"));
  const log = join(folder, "events");
  // the log is an option that Pulumi has for programs that drive it
  const env = { ...target.env, PULUMI_DEBUG_COMMANDS: "true" };
  try {
    await pulumi({ ...target, env }, [operation, "--event-log", log, ...args]);
  } catch (error) {
    const rules = hasSpoken(error) && existsSync(log) ? rulesRefusing(readFileSync(log, "utf8")) : [];
    if (rules.length === 0) throw error;
    throw new UserError(
      `stack "${target.stack}" is refused by ${rules.join(", ")}`,
      rules.map((rule) => `npx stackyard policy explain ${rule}`),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * Names of the rules that have refused a run.
 *
 * @param log events of the engine, one a line, as JSON
 */
export function rulesRefusing(log: string): string[] {
  const events = log.split("\n").flatMap((line) => (line.endsWith("}") ? [JSON.parse(line) as EngineEvent] : []));
  const refusals = events.flatMap(({ policyEvent }) => (policyEvent?.enforcementLevel === "mandatory" ? policyEvent.message : []));
  return [...new Set(refusals.flatMap((message) => /^([a-z][a-z\d-]+): /m.exec(message)?.[1] ?? []))];
}

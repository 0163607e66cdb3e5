import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { conflictsIn, puttingBack } from "./conflicts";
import { hasSpoken, UserError } from "./errors";
import { sameAgain } from "./passed-on";
import { pulumi } from "./pulumi";
import { nextOn, type Target } from "./target";

/** The part of an event of Pulumi's engine that is looked at. */
interface EngineEvent {
  readonly policyEvent?: { readonly message: string; readonly enforcementLevel: string };
  readonly diagnosticEvent?: { readonly message: string; readonly severity: string; readonly urn?: string };
}

/**
 * Runs a `pulumi` that judges what it plans, with its output straight to the terminal.
 *
 * @throws UserError that names the rules which refuse it, the fields that somebody else has set since, what the cluster has and the state does not know,
 * or what Helm was not done with, and what to type next
 */
export async function judged(target: Target, operation: "preview" | "up", args: readonly string[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "stackyard-"));
  const log = join(folder, "events");
  // the log is an option that Pulumi has for programs that drive it
  const env = { ...target.env, PULUMI_DEBUG_COMMANDS: "true" };
  try {
    await pulumi({ ...target, env }, [operation, "--event-log", log, ...args]);
  } catch (error) {
    const events = hasSpoken(error) && existsSync(log) ? eventsIn(readFileSync(log, "utf8")) : [];
    const rules = rulesRefusing(events);
    const conflicts = conflictsOf(events);
    const unknown = unknownOf(events);
    const cutOff = cutOffOf(events);
    if (rules.length + conflicts.length + unknown.length + cutOff.length === 0) throw error;
    const { stack } = target;
    throw new UserError(
      [
        ...(rules.length > 0 ? [`stack "${stack}" is refused by ${rules.join(", ")}`] : []),
        ...(conflicts.length > 0 ? [`somebody else has set fields that stack "${stack}" would change:`, ...conflicts] : []),
        ...(unknown.length > 0 ? [`the cluster already has what the state of stack "${stack}" does not know:`, ...unknown] : []),
        ...(cutOff.length > 0 ? ["an operation of Helm's was cut off, or is being run by somebody else:", ...cutOff] : []),
      ].join("\n"),
      [
        ...rules.map((rule) => `npx stackyard policy explain ${rule}`),
        ...(conflicts.length > 0 ? puttingBack(sameAgain(), target) : []),
        ...(unknown.length > 0 ? [`${takingOver(target)}   # takes over what is this stack's, and nothing else`] : []),
        ...(cutOff.length > 0 ? [`${takingOver(target)}   # once nobody runs Helm there`] : []),
      ],
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The up that takes over. Others who run Pulumi (a preview, a release) have no such option. */
const takingOver = (target: Target): string =>
  process.argv[2] === "up" ? sameAgain("--take-over") : `${nextOn(target, "up", target.stack)} --take-over`;

/** @param log events of the engine, one a line, as JSON; the last may be cut off */
export const eventsIn = (log: string): EngineEvent[] =>
  log.split("\n").flatMap((line) => (line.endsWith("}") ? [JSON.parse(line) as EngineEvent] : []));

/** Names of the rules that have refused a run. */
export function rulesRefusing(events: readonly EngineEvent[]): string[] {
  const refusals = events.flatMap(({ policyEvent }) => (policyEvent?.enforcementLevel === "mandatory" ? policyEvent.message : []));
  return [...new Set(refusals.flatMap((message) => /^([a-z][a-z\d-]+): /m.exec(message)?.[1] ?? []))];
}

/** Resources that went wrong in one way, a line each, with what is said of it. */
const wentWrong = (events: readonly EngineEvent[], said: (message: string) => string | undefined): string[] =>
  events.flatMap(({ diagnosticEvent }) => {
    const { message = "", severity, urn = "" } = diagnosticEvent ?? {};
    const words = severity === "error" ? said(message) : undefined;
    return words === undefined ? [] : [`  ${urn.split("::").at(-1)}: ${words}`];
  });

/** Resources that a run could not change, with who else has set which of their fields. */
export const conflictsOf = (events: readonly EngineEvent[]): string[] => wentWrong(events, conflictsIn);

/** Resources that a run could not make, with what the API server, or Helm, has in their place. */
export const unknownOf = (events: readonly EngineEvent[]): string[] =>
  wentWrong(events, (message) => /\S+ "\S+" already exists|cannot re-use a name that is still in use/.exec(message)?.[0]);

/** Releases that Helm has begun nothing on, for what it has noted of another operation. */
export const cutOffOf = (events: readonly EngineEvent[]): string[] =>
  wentWrong(events, (message) => /another operation \(.+\) is in progress|\S+ has no deployed releases/.exec(message)?.[0]);

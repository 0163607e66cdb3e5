import { UnknownValueError, type KubernetesObject } from "./object";
import type { Finding, Report, Rule } from "./rule";
import type { PolicySettings } from "./settings";
import type { StackIndex } from "./stack-index";

/** What a rule says of an object. */
export interface Verdict extends Finding {
  readonly rule: Rule;
  readonly object: KubernetesObject;
  /** Whether it is only that a value, not known yet, could not be judged. */
  readonly unjudged: boolean;
}

/**
 * Judges one object by one rule. Whatever the rule meets in it, the next object and the next rule are judged, too.
 *
 * @param stack all objects of the stack, for a rule that looks at them; without it such a rule says nothing
 */
export function judge(rule: Rule, object: KubernetesObject, settings: PolicySettings, stack?: StackIndex): Verdict[] {
  const verdicts: Verdict[] = [];
  const report: Report = (finding) => void verdicts.push({ ...finding, rule, object, unjudged: false });
  const values = settings.valuesOf(rule);
  try {
    if ("check" in rule) rule.check(object, report, values);
    else if (stack !== undefined) rule.checkIn(object, stack, report, values);
  } catch (error) {
    for (const thrown of allOf(error)) verdicts.push({ rule, object, ...failure(rule, thrown) });
  }
  return verdicts.length > 0 && settings.lets(rule, object) ? [] : verdicts;
}

const allOf = (error: unknown): unknown[] => (error instanceof AggregateError ? error.errors.flatMap(allOf) : [error]);

function failure(rule: Rule, error: unknown): Omit<Verdict, "rule" | "object"> {
  if (error instanceof UnknownValueError) {
    const problem = rule.refusesUnknown
      ? "is not known before the update, and has to be"
      : "is not known before the update: not judged yet";
    return { field: error.props.join("."), problem, unjudged: !rule.refusesUnknown };
  }
  return {
    field: "something",
    problem: `in it cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    unjudged: false,
  };
}

/** As preview and update print it. */
export const messageOf = ({ rule, object, field, problem, container, tenant, unjudged }: Verdict): string => {
  const subject = `${object.title}${tenant === undefined ? "" : ` of tenant ${tenant}`}${container === undefined ? "" : `, container "${container}"`}`;
  return `${rule.id}: ${subject}: ${field} ${problem}.${unjudged ? "" : ` ${rule.remedy}`}`;
};

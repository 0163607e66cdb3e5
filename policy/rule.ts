import type { PolicyConfigSchema, ResourceValidationArgs, ResourceValidationPolicy, Severity } from "@pulumi/policy";

/** Something that must hold for each resource that it is about. */
export interface Rule {
  /** Name, by which a policy config sets its level and its values. */
  readonly id: string;
  readonly severity: Severity;
  /** What goes wrong where it does not hold. */
  readonly reason: string;
  /** What to do then. */
  readonly remedy: string;
  /** Who says so. */
  readonly source: string;
  /** Values that a policy config may set, with their defaults. */
  readonly config?: PolicyConfigSchema;
  /**
   * Reports what does not hold, in inputs as the provider will get them.
   * A value that is not known yet throws when it is read; the engine then says that the rule could not run, and asks again during the update.
   */
  readonly check: (resource: ResourceValidationArgs, report: (finding: string) => void) => void;
}

export const policyOf = ({ id, severity, reason, remedy, config, check }: Rule): ResourceValidationPolicy => ({
  name: id,
  description: reason,
  severity,
  remediationSteps: remedy,
  configSchema: config,
  validateResource: (resource, reportViolation) => check(resource, (finding) => reportViolation(`${finding}. ${remedy}`)),
});

/** Checks every item, also those behind one that is not known yet; that one is thrown at the end. */
export function each<Item>(items: readonly Item[] | undefined, check: (item: Item) => void): void {
  const unknown: unknown[] = [];
  for (let index = 0; index < (items?.length ?? 0); index++) {
    try {
      check(items![index]!);
    } catch (error) {
      unknown.push(error);
    }
  }
  if (unknown.length > 0) throw unknown[0];
}

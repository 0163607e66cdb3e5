import type { Policies, ResourceValidationPolicy, StackValidationPolicy } from "@pulumi/policy";
import { runtime } from "@pulumi/pulumi";
import { judge, messageOf, type Verdict } from "./judge";
import { KubernetesObject, UnknownValueError } from "./object";
import { remediationsOf } from "./remediation";
import type { Rule } from "./rule";
import type { PolicySettings } from "./settings";
import { StackIndex } from "./stack-index";

/** Stands above each thing that is said; what that is begins with the name of its rule. */
const DESCRIPTION = "npx stackyard policy explain <rule> says more:";

/**
 * The rules as policies of Pulumi: one a level for objects, and one for stacks. One a rule would have Pulumi read each resource again for each rule,
 * which takes longer than all rules together.
 */
export function policiesOf(rules: readonly Rule[], settings: PolicySettings): Policies {
  /** Inputs of each object that this run has planned: what a stack rule is called with are outputs, with all that the cluster filled in. */
  const planned = new Map<string, KubernetesObject>();
  const policies: (ResourceValidationPolicy | StackValidationPolicy)[] = remediationsOf(rules, settings);

  for (const [level, suffix] of [
    ["mandatory", ""],
    ["advisory", "-advice"],
  ] as const) {
    const ofLevel = rules.filter((rule) => (settings.levelOf(rule) === "advisory") === (level === "advisory"));
    const ofObject = ofLevel.filter((rule) => "check" in rule);
    if (ofObject.length > 0) {
      policies.push({
        name: `objects${suffix}`,
        description: DESCRIPTION,
        enforcementLevel: level,
        validateResource: (resource, reportViolation) => {
          const object = KubernetesObject.of(resource);
          if (object === undefined) return;
          planned.set(object.urn, object);
          tell(
            ofObject.flatMap((rule) => judge(rule, object, settings)),
            reportViolation,
          );
        },
      });
    }
    const ofStack = ofLevel.filter((rule) => "checkIn" in rule);
    if (ofStack.length === 0) continue;
    policies.push({
      name: `stack${suffix}`,
      description: DESCRIPTION,
      enforcementLevel: level,
      validateStack: ({ resources }, reportViolation) => {
        const objects = resources.flatMap((resource) => planned.get(resource.urn) ?? KubernetesObject.of(resource) ?? []);
        const dependencies = new Map(resources.map(({ urn, dependencies }) => [urn, dependencies.map((other) => other.urn)]));
        const stack = new StackIndex(objects, dependencies);
        tell(
          objects.flatMap((object) => ofStack.flatMap((rule) => judge(rule, object, settings, stack))),
          reportViolation,
        );
      },
    });
  }
  if (settings.exceptions.length > 0) policies.push(unusedExceptions(settings));
  return policies;
}

/** Comes last: by then each rule has judged each object. */
const unusedExceptions = (settings: PolicySettings): StackValidationPolicy => ({
  name: "exceptions",
  description: DESCRIPTION,
  enforcementLevel: "advisory",
  validateStack: (_, reportViolation) => {
    for (const { rule, resource } of settings.unused) {
      reportViolation(
        `unused-exception: the exception from ${rule} for "${resource}" lets nothing through: ${rule} finds nothing there. Take it out of stackyard:policy.exceptions.`,
      );
    }
  },
});

/** Reports what does not hold, and says in one line what could not be judged yet, which Pulumi shows as advice. */
function tell(verdicts: readonly Verdict[], reportViolation: (message: string, urn: string) => void): void {
  for (const verdict of verdicts) if (!verdict.unjudged) reportViolation(messageOf(verdict), verdict.object.urn);
  const unjudged = verdicts.filter((verdict) => verdict.unjudged);
  if (unjudged.length === 0) return;
  const error = new UnknownValueError(runtime.unknownValue, []);
  error.message = unjudged.map(messageOf).join(" ");
  throw error;
}

import type { ResourceValidationPolicy } from "@pulumi/policy";
import * as policy from "@pulumi/policy";
import { judge } from "./judge";
import { KubernetesObject, unknownCheckingProxy, unwrapped } from "./object";
import type { ObjectRule, Rule } from "./rule";
import type { PolicySettings } from "./settings";

type Node = Record<string, unknown>;

/** How the pack keeps a secret among inputs that it may change; its types leave it out. */
const { Secret } = policy as unknown as { readonly Secret: new (value: unknown) => { readonly value: unknown } };

/** Puts a value where nothing is said, and what is missing on the way to it: `fillIn(container, ["securityContext", "privileged"], false)`. */
export function fillIn(target: object, [key = "", ...rest]: readonly string[], value: unknown): void {
  const node = target as Node;
  if (rest.length === 0) node[key] ??= value;
  else fillIn((node[key] ??= {}), rest, value);
}

/**
 * A policy that puts the safe default where a rule of level `remediate` finds that nothing is said. What it leaves is judged
 * after it, as mandatory. It adds what is missing and nothing else: whatever a rule does, no value that is there is changed, and no secret is told.
 */
export function remediationsOf(rules: readonly Rule[], settings: PolicySettings): ResourceValidationPolicy[] {
  const remedied = rules.filter((rule): rule is ObjectRule => "remediate" in rule && settings.levelOf(rule) === "remediate");
  if (remedied.length === 0) return [];
  return [
    {
      name: "objects-remedies",
      description: `Puts the safe default where nothing is said. Rules: ${remedied.map(({ id }) => id).join(", ")}.`,
      enforcementLevel: "remediate",
      remediateResource: (resource) => {
        const given = unwrapped(resource.props);
        const props = revealed(given) as Node;
        const object = KubernetesObject.of({ ...resource, props: unknownCheckingProxy(props) });
        const broken = object ? remedied.filter((rule) => judge(rule, object, settings).some(({ unjudged }) => !unjudged)) : [];
        if (object === undefined || broken.length === 0) return undefined;
        for (const rule of broken) {
          try {
            rule.remediate?.(object);
          } catch {
            // what is not known yet, or cannot be read: the judgement after this one says it
          }
        }
        return added(given, props) ? given : undefined;
      },
    },
  ];
}

/** A copy with secrets in clear. */
function revealed(value: unknown): unknown {
  if (value instanceof Secret) return revealed(value.value);
  if (Array.isArray(value)) return value.map(revealed);
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, revealed(part)]));
}

/** Adds to inputs what a copy has beyond them, and says whether there was anything. */
function added(to: unknown, from: unknown): boolean {
  if (to instanceof Secret) return added(to.value, from);
  if (typeof to !== "object" || typeof from !== "object" || to === null || from === null) return false;
  let any = false;
  for (const [key, value] of Object.entries(from)) {
    if (Object.hasOwn(to, key)) any = added((to as Node)[key], value) || any;
    else if (!Array.isArray(to)) {
      (to as Node)[key] = value;
      any = true;
    }
  }
  return any;
}

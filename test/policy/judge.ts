import * as policy from "@pulumi/policy";
import { runtime } from "@pulumi/pulumi";
import { policyOf, type Rule } from "../../policy/rule";

export interface Fixture {
  readonly type: string;
  readonly name: string;
  /** Types of the components that it is in, outermost first. */
  readonly parents?: readonly string[];
  readonly props: Record<string, unknown>;
}

/** What a value reads as in a preview that does not know it yet. */
export const unknown = runtime.unknownValue;

// the pack's own, which its types leave out
const { unknownCheckingProxy } = policy as unknown as { readonly unknownCheckingProxy: (props: object) => Record<string, unknown> };

/** A resource as a rule gets it: reading what is unknown throws. */
export const resourceOf = (
  rule: Rule,
  { type, name, parents = [], props }: Fixture,
  config: object = {},
): policy.ResourceValidationArgs => ({
  type,
  name,
  urn: `urn:pulumi:test::stackyard::${[...parents, type].join("$")}::${name}`,
  props: unknownCheckingProxy(structuredClone(props)),
  opts: {
    protect: false,
    ignoreChanges: [],
    aliases: [],
    additionalSecretOutputs: [],
    customTimeouts: { createSeconds: 0, updateSeconds: 0, deleteSeconds: 0 },
  },
  stackTags: new Map(),
  isType: () => false,
  asType: () => undefined,
  getConfig: <T extends object>() => {
    const defaults = Object.entries(rule.config?.properties ?? {}).map(([key, schema]): [string, unknown] => [key, schema.default]);
    return { ...Object.fromEntries(defaults), ...config } as T;
  },
  notApplicable: () => {
    throw new Error("not applicable");
  },
});

/** What a rule reports of a resource, and whether it met what is not known yet, as the pack would. */
export function judged(rule: Rule, fixture: Fixture, config: object = {}): string[] {
  const { validateResource } = policyOf(rule);
  if (typeof validateResource !== "function") throw new Error(`${rule.id} does not judge resources`);
  const found: string[] = [];
  try {
    void validateResource(resourceOf(rule, fixture, config), (violation) => found.push(violation));
  } catch (error) {
    found.push(error instanceof Error ? error.message : String(error));
  }
  return found;
}

/** A fixture with one thing changed in it. */
export function changed<F extends Fixture>(fixture: F, change: (props: F["props"]) => void): F {
  const copy = structuredClone(fixture);
  change(copy.props);
  return copy;
}

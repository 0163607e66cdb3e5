import type { KubernetesObject } from "./object";
import type { PolicySection } from "./options";
import type { Level, Rule, Values } from "./rule";

export type Exception = NonNullable<PolicySection["exceptions"]>[number];

/** What a stack's config says of the rules: `stackyard:policy`, checked. */
export class PolicySettings {
  readonly #used = new Set<Exception>();

  constructor(private readonly section: PolicySection = {}) {}

  levelOf(rule: Rule): Level | "remediate" {
    return this.#settingOf(rule).level ?? rule.level ?? "mandatory";
  }
  /** The rule's own values, and over them those of the config. */
  valuesOf(rule: Rule): Values {
    return { ...rule.values, ...this.#settingOf(rule).values };
  }
  exceptionsOf({ id }: Rule): readonly Exception[] {
    return this.exceptions.filter(({ rule }) => rule === id);
  }
  /** Whether what a rule finds in an object is let through. The exception counts as used from then on. */
  lets(rule: Rule, { name }: KubernetesObject): boolean {
    const matching = this.exceptionsOf(rule).filter(({ resource }) =>
      resource.endsWith("*") ? name.startsWith(resource.slice(0, -1)) : name === resource,
    );
    for (const exception of matching) this.#used.add(exception);
    return matching.length > 0;
  }
  /** All exceptions, of whichever rule. */
  get exceptions(): readonly Exception[] {
    return this.section.exceptions ?? [];
  }
  /** Those that have let nothing through so far. */
  get unused(): readonly Exception[] {
    return this.exceptions.filter((exception) => !this.#used.has(exception));
  }

  #settingOf({ id }: Rule) {
    const setting = (this.section.rules as Readonly<Record<string, RuleSetting | undefined>> | undefined)?.[id];
    return typeof setting === "string" ? { level: setting } : (setting ?? {});
  }
}

type Levels = Level | "remediate";
type RuleSetting = Levels | { readonly level?: Levels; readonly values?: Values };

import type { KubernetesObject } from "./object";
import type { PolicySection } from "./options";
import type { Level, Rule, Values } from "./rule";

/** What a stack's config says of the rules: `stackyard:policy`, checked. */
export class PolicySettings {
  constructor(private readonly section: PolicySection = {}) {}

  levelOf(rule: Rule): Level | "remediate" {
    return this.#settingOf(rule).level ?? rule.level ?? "mandatory";
  }
  /** The rule's own values, and over them those of the config. */
  valuesOf(rule: Rule): Values {
    return { ...rule.values, ...this.#settingOf(rule).values };
  }
  isExcepted(rule: Rule, { name }: KubernetesObject): boolean {
    return (this.section.exceptions ?? []).some(
      (exception) =>
        exception.rule === rule.id &&
        (exception.resource.endsWith("*") ? name.startsWith(exception.resource.slice(0, -1)) : name === exception.resource),
    );
  }

  #settingOf({ id }: Rule) {
    const setting = (this.section.rules as Readonly<Record<string, RuleSetting | undefined>> | undefined)?.[id];
    return typeof setting === "string" ? { level: setting } : (setting ?? {});
  }
}

type Levels = Level | "remediate";
type RuleSetting = Levels | { readonly level?: Levels; readonly values?: Values };

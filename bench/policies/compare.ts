import { CATEGORIES, TITLES, titlesOf, TOOLS, unsorted, type Tool } from "./categories";
import { explained } from "./explanations";
import type { Findings } from "./judges/judge";
import type { Manifest } from "./manifests";

export type Whose = Tool | "stackyard";
export const ALL: readonly Whose[] = ["stackyard", ...TOOLS];

/** In which categories each finds something in one manifest. */
export interface Compared {
  readonly name: string;
  readonly source: string;
  readonly found: Readonly<Record<Whose, readonly string[]>>;
}

/** A category in which two tools or more find something in a manifest, and ours nothing. */
export interface Missed {
  readonly manifest: string;
  readonly category: string;
  readonly by: readonly Tool[];
  /** Why ours says nothing; without it, it is a gap. */
  readonly reason?: string;
}

/** How many manifests a category is found in, by each, and by two of the others but not by ours. */
export interface Count extends Readonly<Record<Whose, number>> {
  readonly category: string;
  readonly missed: number;
  readonly gaps: number;
}

/** @throws Error where a tool has found something that no category has, which would be compared with nothing */
export function assertSorted(findings: Readonly<Record<Tool, Findings>>): void {
  const left = TOOLS.flatMap((tool) => {
    const ids = new Set([...findings[tool].values()].flatMap((found) => unsorted(tool, found)));
    return [...ids].map((id) => `${tool}: ${id}`);
  });
  if (left.length > 0) throw new Error(`bench/policies/categories.ts has no place for:\n  ${left.join("\n  ")}`);
}

/** @throws Error where a category names a rule that the pack does not have, which would count as one that finds nothing */
export function assertKnown(rules: readonly string[]): void {
  const unknown = new Set(CATEGORIES.flatMap(({ stackyard }) => stackyard).filter((rule) => !rules.includes(rule)));
  if (unknown.size > 0) throw new Error(`the policy pack has no rule ${[...unknown].join(", ")}: mend bench/policies/categories.ts`);
}

export const compare = (manifests: readonly Manifest[], findings: Readonly<Record<Whose, Findings>>): Compared[] =>
  manifests.map(({ name, source }) => {
    const of = (whose: Whose) => titlesOf(whose, findings[whose].get(name) ?? []);
    return {
      name,
      source,
      found: { stackyard: of("stackyard"), "kube-score": of("kube-score"), kyverno: of("kyverno"), conftest: of("conftest") },
    };
  });

/** What two of the others find, and ours does not. */
export const missedIn = ({ found }: Compared, manifest: Manifest): Missed[] =>
  TITLES.filter((title) => !found.stackyard.includes(title)).flatMap((category) => {
    const by = TOOLS.filter((tool) => found[tool].includes(category));
    return by.length < 2 ? [] : [{ manifest: manifest.name, category, by, reason: explained(category, manifest) }];
  });

export const countsOf = (compared: readonly Compared[], missed: readonly Missed[]): Count[] =>
  TITLES.map((category) => {
    const count = (whose: Whose) => compared.filter(({ found }) => found[whose].includes(category)).length;
    const here = missed.filter((one) => one.category === category);
    return {
      category,
      stackyard: count("stackyard"),
      "kube-score": count("kube-score"),
      kyverno: count("kyverno"),
      conftest: count("conftest"),
      missed: here.length,
      gaps: here.filter(({ reason }) => reason === undefined).length,
    };
  });

/** The same by the places of the categories, from 1. */
export function listed({ name, source, found }: Compared) {
  const places = (whose: Whose) => found[whose].map((title) => TITLES.indexOf(title) + 1);
  const of = {
    stackyard: places("stackyard"),
    "kube-score": places("kube-score"),
    kyverno: places("kyverno"),
    conftest: places("conftest"),
  };
  return { name, source, found: of };
}

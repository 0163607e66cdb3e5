import type { Severity } from "@pulumi/policy";
import type { KubernetesObject } from "./object";
import type { StackIndex } from "./stack-index";

/** One thing that does not hold. Never a value that may be secret: no environment, no data, no annotation but our own. */
export interface Finding {
  /** Where it stands in the object, as `kubectl explain` writes it: `spec.replicas`. */
  readonly field: string;
  /** What is there, and what has to be: `is 2, and has to be 1`. */
  readonly problem: string;
  readonly container?: string;
  /** Tenant whose object it is. */
  readonly tenant?: string;
}
export type Report = (finding: Finding) => void;

export type Values = Readonly<Record<string, number | string | boolean | readonly string[]>>;
/** The families, one file each. */
export const FAMILIES = ["fluxiondb", "dotdo", "plinko", "starter", "pods", "containers", "objects", "wiring", "releases"] as const;
export type Family = (typeof FAMILIES)[number];
export type Level = "mandatory" | "advisory";

interface Common<Id extends string, V extends Values> {
  /** Name, by which `stackyard:policy` sets its level. */
  readonly id: Id;
  readonly family: Family;
  readonly severity: Severity;
  /** @default "mandatory" */
  readonly level?: Level;
  /** What goes wrong where it does not hold. */
  readonly reason: string;
  /** What to do then. */
  readonly remedy: string;
  /** Who says so. */
  readonly source: string;
  /** Values that `stackyard:policy` may set, with their defaults. */
  readonly values?: V;
  /** Whether a value that is not known before the update is a violation; else it is only said. @default false */
  readonly refusesUnknown?: boolean;
}

/** Holds for each object by itself, in the inputs that the provider will get. Judged before the object is touched, in preview and in update. */
export interface ObjectRule<Id extends string = string, V extends Values = Values> extends Common<Id, V> {
  readonly check: (object: KubernetesObject, report: Report, values: V) => void;
  /**
   * Puts the safe default where nothing is said, in place (`fillIn`); only where no program can depend on the other value. At level
   * `remediate` it is called for what `check` refuses, and what it changes otherwise is dropped.
   */
  readonly remediate?: (object: KubernetesObject) => void;
}
/** Holds for each object beside all others of its stack. Judged at the end of preview and of update. */
export interface StackRule<Id extends string = string, V extends Values = Values> extends Common<Id, V> {
  readonly checkIn: (object: KubernetesObject, stack: StackIndex, report: Report, values: V) => void;
}
/** Something that must hold. */
export type Rule = ObjectRule | StackRule;

/** A rule, with its id kept as a type, by which fixtures are held to be complete. */
export const objectRule = <const Id extends string, V extends Values>(rule: ObjectRule<Id, V>): ObjectRule<Id> =>
  rule as unknown as ObjectRule<Id>;
export const stackRule = <const Id extends string, V extends Values>(rule: StackRule<Id, V>): StackRule<Id> =>
  rule as unknown as StackRule<Id>;

/** Checks every item, also those behind one that is not known yet; what was thrown is thrown at the end, several as an AggregateError. */
export function each<Item>(items: readonly Item[] | undefined, check: (item: Item) => void): void {
  const thrown: unknown[] = [];
  for (let index = 0; index < (items?.length ?? 0); index++) {
    try {
      check(items![index]!);
    } catch (error) {
      thrown.push(error);
    }
  }
  if (thrown.length > 1) throw new AggregateError(thrown);
  if (thrown.length > 0) throw thrown[0];
}

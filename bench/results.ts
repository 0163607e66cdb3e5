import type { Machine } from "./machine";
import type { Measurement } from "./measure";
import type { Memory } from "./processes";
import type { Subject } from "./subjects";

/** What one run of the bench has measured. */
export interface Results {
  readonly date: string;
  readonly stack: string;
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  /** How many objects of each kind were brought up. */
  readonly objects: Readonly<Record<string, number>>;
  readonly subjects: readonly Measured[];
}

/** One measurement a round: those at the same place were made one after the other. */
export interface Measured extends Pick<Subject, "name" | "title" | "side"> {
  readonly up: readonly Measurement[];
  readonly noop: readonly Measurement[];
}

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** @throws RangeError where there is no value */
export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const [min, max] = [sorted[0], sorted.at(-1)];
  const middle = sorted.slice(Math.floor((sorted.length - 1) / 2), Math.floor(sorted.length / 2) + 1);
  if (min === undefined || max === undefined) throw new RangeError("no value has no median");
  return { median: middle.reduce((sum, value) => sum + value, 0) / middle.length, min, max };
}

/** How many times as much the one took as the other, round by round. */
export function ratio(one: readonly Measurement[], other: readonly Measurement[], of: (measured: Measurement) => number): Spread {
  return spread(
    one.map((measured, round) => {
      const against = other[round];
      if (!against) throw new RangeError(`round ${round + 1} was not measured for both`);
      return of(measured) / of(against);
    }),
  );
}

export interface Aim {
  readonly text: string;
  readonly title: string;
  readonly measured: Spread;
  readonly unit: string;
  readonly met: boolean;
}

/** Highest number of each that is wanted of an `up` with the policy pack. */
const AIMS = { timesHelm: 3, noopSeconds: 4, programAndPackMegabytes: 400 };

/** How the medians of ours stand to what is wanted. */
export function aimsOf({ subjects }: Results): Aim[] {
  const helm = subjects.find(({ name }) => name === "helm");
  if (!helm) throw new RangeError("helm was not measured");
  const ours = subjects.filter(({ name }) => name === "pulumi" || name === "pulumi-preview");
  return ours.flatMap(({ title, up, noop }) => {
    const aim = (text: string, measured: Spread, unit: string, limit: number) => ({
      text,
      title,
      measured,
      unit,
      met: measured.median <= limit,
    });
    const wall = ({ wall }: Measurement) => wall;
    const memory = (of: keyof Memory) => spread([...up, ...noop].map(({ memory }) => memory["program and policy pack"]?.[of] ?? NaN));
    const together = `program and policy pack under ${AIMS.programAndPackMegabytes} MB together`;
    return [
      aim(`up within ${AIMS.timesHelm} × helm`, ratio(up, helm.up, wall), "×", AIMS.timesHelm),
      aim(`no-op under ${AIMS.noopSeconds} s`, spread(noop.map(wall)), "s", AIMS.noopSeconds),
      aim(`${together}, PSS`, memory("pss"), "MB", AIMS.programAndPackMegabytes),
      aim(`${together}, RSS`, memory("rss"), "MB", AIMS.programAndPackMegabytes),
    ];
  });
}

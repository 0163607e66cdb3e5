import type { Machine } from "../machine";
import type { Measurement } from "../measure";
import { ratio, spread, type Spread } from "../results";
import { SHARD, type Run, type Subject } from "./subjects";

/** As many measurements a round of each run as `TIMES` says: those at the same place were made in the same round. */
export interface Measured extends Pick<Subject, "name" | "title" | "side"> {
  readonly runs: Readonly<Partial<Record<Run, readonly Measurement[]>>>;
}

export interface SizeResults {
  readonly copies: number;
  /** How many objects of each kind were brought up. */
  readonly objects: Readonly<Record<string, number>>;
  readonly subjects: readonly Measured[];
}

export interface CopiesResults {
  readonly date: string;
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  readonly sizes: readonly SizeResults[];
}

export interface Aim {
  readonly text: string;
  readonly measured: Spread;
  readonly met: boolean;
}

export const wall = ({ wall }: Measurement): number => wall;

export const runsOf = ({ subjects }: SizeResults, name: string, run: Run): readonly Measurement[] =>
  subjects.find((subject) => subject.name === name)?.runs[run] ?? [];

/** How the medians of ours stand to what is wanted, at the largest number of copies; growth is from the next smaller one. */
export function aimsOf({ sizes }: CopiesResults): Aim[] {
  const bySize = [...sizes].sort((one, other) => one.copies - other.copies);
  const [before, most] = [bySize.at(-2), bySize.at(-1)];
  if (most === undefined) throw new RangeError("nothing was measured");
  const aim = (text: string, measured: Spread, limit: number): Aim => ({ text, measured, met: measured.median <= limit });
  const beside = (text: string, run: Run, peer: string, its: Run, name = "pulumi") =>
    aim(`${text}, at ${most.copies}`, ratio(runsOf(most, name, run), runsOf(most, peer, its), wall), 1);
  const growth = (text: string, run: Run, name = "pulumi"): Aim[] => {
    if (before === undefined) return [];
    const times = most.copies / before.copies;
    const grown = ratio(runsOf(most, name, run), runsOf(before, name, run), wall);
    return [aim(`${text} grows from ${before.copies} to ${most.copies} by no more than ${times}×`, grown, times)];
  };
  return [
    beside("preview not slower than `kubectl diff`", "preview", "kubectl", "preview"),
    beside("preview without the policy pack not slower than `kubectl diff`", "preview", "kubectl", "preview", "pulumi-no-pack"),
    beside("no-op up not slower than `helmfile sync`", "noop", "helmfile", "noop"),
    ...growth("up of one stack", "up"),
    ...growth(`up in stacks of ${SHARD}`, "up", "pulumi-shards"),
    ...growth("no-op up", "noop"),
    ...growth("preview", "preview"),
  ];
}

export const spreadOf = (measurements: readonly Measurement[], of: (measured: Measurement) => number): Spread =>
  spread(measurements.map(of));

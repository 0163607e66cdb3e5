import type { Machine } from "../machine";
import { spread, type Spread } from "../results";
import type { Count, Missed, Whose } from "./compare";
import type { Round } from "./cost";

/** A manifest, with the categories in which each finds something: by their places in `counts`, from 1. */
export interface Listed {
  readonly name: string;
  readonly source: string;
  readonly found: Readonly<Record<Whose, readonly number[]>>;
}

/** What one run of `npm run bench -- policies` has found and measured. */
export interface PolicyResults {
  readonly date: string;
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  /** How many rules the pack has. */
  readonly rules: number;
  readonly manifests: readonly Listed[];
  readonly counts: readonly Count[];
  readonly missed: readonly Missed[];
  /** How many objects each has judged, for the cost. */
  readonly objects: number;
  readonly rounds: readonly Round[];
}

export interface Aim {
  readonly text: string;
  readonly measured: Spread;
  readonly unit: "s" | "×";
  readonly met: boolean;
}

const LIMITS = { start: 1.5, preview: 1.25 };

/** How the medians stand to what is wanted. */
export function aimsOf({ rounds, objects }: Pick<PolicyResults, "rounds" | "objects">): Aim[] {
  const aim = (text: string, unit: Aim["unit"], of: (round: Round) => number, met: (median: number) => boolean): Aim => {
    const measured = spread(rounds.map(of));
    return { text, unit, measured, met: met(measured.median) };
  };
  const against = (peer: "conftest" | "kyverno") =>
    aim(
      `${objects} objects judged by the pack faster than by ${peer}`,
      "×",
      ({ judged }) => judged.stackyard / judged[peer],
      (ratio) => ratio < 1,
    );
  return [
    aim(
      `the pack starts in less than ${LIMITS.start} s`,
      "s",
      ({ start }) => start,
      (seconds) => seconds < LIMITS.start,
    ),
    aim(
      `preview within ${LIMITS.preview} × preview without the pack`,
      "×",
      ({ preview }) => preview.pack / preview.none,
      (ratio) => ratio <= LIMITS.preview,
    ),
    against("conftest"),
    against("kyverno"),
  ];
}

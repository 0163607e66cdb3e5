import { basename } from "node:path";
import type { Measurement } from "../measure";
import { shown, table } from "../tables";
import { aimsOf, spreadOf, wall, type CopiesResults, type SizeResults } from "./results";
import { RUNS, TIMES, type Run } from "./subjects";

export const COMMAND = "npm run bench -- copies";

export const TITLES: Readonly<Record<Run, string>> = { up: "up", noop: "no-op", preview: "preview of a change", change: "one-line change" };

const pss = ({ memory }: Measurement) => memory.all?.pss ?? NaN;

function ofSize({ subjects }: SizeResults): string {
  const cell = (measurements: readonly Measurement[] | undefined, of: typeof wall, unit: string) =>
    measurements === undefined ? "" : shown(spreadOf(measurements, of), unit);
  return table(
    ["", ...RUNS.map((run) => TITLES[run]), "peak memory of up"],
    subjects.map(({ title, runs }) => [title, ...RUNS.map((run) => cell(runs[run], wall, "s")), cell(runs.up, pss, "MB")]),
  );
}

function heading({ date, machine, versions, sizes }: CopiesResults): string {
  const rounds = sizes.map(({ copies, subjects }) => `${subjects[0]?.runs.up?.length ?? 0} at ${copies}`).join(", ");
  return `Copies of FluxionDB on the sandbox, ${date}: median (lowest–highest) of the rounds, ${rounds}; what changes nothing ran ${TIMES.noop} times a round.
${machine.cpus} × ${machine.cpu}, ${machine.memory}, load ${machine.load} at the start; ${Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(", ")}.`;
}

const verdicts = (results: CopiesResults): string =>
  table(
    ["Aim", "", "measured"],
    aimsOf(results).map(({ text, met, measured }) => [text, met ? "met" : "**missed**", shown(measured, "×")]),
    2,
  );

const sizeTitle = ({ copies, objects }: SizeResults) =>
  `${copies} ${copies === 1 ? "copy" : "copies"}, ${Object.values(objects).reduce((sum, many) => sum + many, 0)} objects`;

/** The largest number of copies, and the aims. */
function summary(results: CopiesResults): string {
  const most = [...results.sizes].sort((one, other) => other.copies - one.copies)[0];
  if (most === undefined) throw new RangeError("nothing was measured");
  return [heading(results), `${sizeTitle(most)}:`, ofSize(most), verdicts(results)].join("\n\n");
}

/** Which file has the picture of the measurements. */
export const PLOT = "docs/copies.svg";

/** All sizes. */
const details = (results: CopiesResults): string =>
  [
    heading(results),
    `![The seconds of up, no-op, preview and change over the number of copies, a line for each way](${basename(PLOT)})`,
    ...results.sizes.flatMap((size) => [`### ${sizeTitle(size)}`, ofSize(size)]),
    "### Aims of copies",
    verdicts(results),
  ].join("\n\n");

/** Which files quote the measurements, and what each says of them. */
export const QUOTES: Readonly<Record<string, (results: CopiesResults) => string>> = { "README.md": summary, "docs/benchmarks.md": details };

import { format } from "prettier";
import type { Measurement } from "./measure";
import { aimsOf, ratio, spread, type Measured, type Results, type Spread } from "./results";
import { PROCESSES } from "./subjects";

export const COMMAND = "npm run bench";

const number = (value: number) => (value < 100 ? value.toFixed(value < 10 ? 2 : 1) : value.toFixed(0));
/** A median, and the range that it is the middle of. */
export const shown = ({ median, min, max }: Spread, unit: string) =>
  `${number(median)}${unit === "×" ? "" : " "}${unit}${min === max ? "" : ` (${number(min)}–${number(max)})`}`;
const times = (values: Spread) => shown(values, "×");

const wall = ({ wall }: Measurement) => wall;
const cpu = ({ cpu }: Measurement) => cpu;
const pss =
  (group = "all") =>
  ({ memory }: Measurement) =>
    memory[group]?.pss ?? NaN;

/** Columns after the first `texts` hold numbers. */
export const table = (head: readonly string[], rows: readonly (readonly string[])[], texts = 1) =>
  [head, head.map((_, column) => (column < texts ? "---" : "---:")), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");

function heading({ date, subjects, objects, machine, versions, stack }: Results): string {
  const count = Object.values(objects).reduce((sum, many) => sum + many, 0);
  const rounds = subjects[0]?.up.length ?? 0;
  return `${count} objects of stack \`${stack}\` on the sandbox, ${date}: median${rounds === 1 ? " of 1 round" : ` (lowest–highest) of ${rounds} rounds`}.
${machine.cpus} × ${machine.cpu}, ${machine.memory}, load ${machine.load} at the start; ${Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(", ")}.`;
}

function verdicts(results: Results): string {
  const rows = aimsOf(results).map(({ text, title, measured, unit, met }) => [
    text,
    title,
    met ? "met" : "**missed**",
    shown(measured, unit),
  ]);
  return table(["Aim", "of", "", "measured"], rows, 3);
}

const column = (kind: "up" | "noop", of: (measured: Measurement) => number, unit: string) => (measured: Measured) =>
  shown(spread(measured[kind].map(of)), unit);

/** What the front page shows. */
export function summary(results: Results): string {
  const helm = results.subjects.find(({ name }) => name === "helm");
  const rows = results.subjects.map((measured) => [
    measured.title,
    column("up", wall, "s")(measured),
    helm ? times(ratio(measured.up, helm.up, wall)) : "",
    column("noop", wall, "s")(measured),
    column("up", cpu, "s")(measured),
    column("up", pss(), "MB")(measured),
  ]);
  return [heading(results), table(["", "up", "up ÷ helm", "no-op", "CPU of up", "peak memory of up"], rows), verdicts(results)].join(
    "\n\n",
  );
}

/** All that was measured. */
export function details(results: Results): string {
  const ours = results.subjects.filter(({ side }) => side === "ours");
  const peers = results.subjects.filter(({ side }) => side === "peer");
  const kinds = [
    { kind: "up", title: "Up from nothing" },
    { kind: "noop", title: "No-op" },
  ] as const;
  const sections = kinds.flatMap(({ kind, title }) => [
    `### ${title}`,
    table(
      ["", "wall", "CPU", "peak memory (PSS)", "peak memory (RSS)"],
      results.subjects.map((measured) => [
        measured.title,
        column(kind, wall, "s")(measured),
        column(kind, cpu, "s")(measured),
        column(kind, pss(), "MB")(measured),
        column(kind, ({ memory }) => memory.all?.rss ?? NaN, "MB")(measured),
      ]),
    ),
    table(
      ["Ours ÷ peer, round by round", "wall", "CPU", "peak memory (PSS)"],
      ours.flatMap((one) =>
        peers.map((peer) => [`${one.title} ÷ ${peer.title}`, ...[wall, cpu, pss()].map((of) => times(ratio(one[kind], peer[kind], of)))]),
      ),
    ),
    table(
      ["Peak memory (PSS) of each process", ...ours.map(({ title }) => title)],
      Object.keys(PROCESSES).map((group) => [group, ...ours.map(column(kind, pss(group), "MB"))]),
    ),
  ]);
  return [heading(results), ...sections, "### Aims", verdicts(results)].join("\n\n");
}

/** Lines between which a command writes. */
const markersOf = (command: string) => [`<!-- bench: written by ${command} -->`, "<!-- bench: end -->"] as const;

/**
 * Puts text between the two markers of a Markdown file, in place of what was there.
 *
 * @throws Error where the file does not have both markers
 */
export async function withBlock(markdown: string, block: string, command = COMMAND): Promise<string> {
  const [first, last] = markersOf(command);
  const begin = markdown.indexOf(first);
  const end = markdown.indexOf(last, begin);
  if (begin < 0 || end < begin) throw new Error(`there is no place for the measurements: write the lines "${first}" and "${last}"`);
  const text = `${markdown.slice(0, begin)}${first}\n\n${block}\n\n${markdown.slice(end)}`;
  return format(text, { parser: "markdown", printWidth: 140 });
}

/** Which files quote the measurements, and what each says of them. */
export const QUOTES: Readonly<Record<string, (results: Results) => string>> = {
  "README.md": summary,
  "docs/benchmarks.md": details,
};

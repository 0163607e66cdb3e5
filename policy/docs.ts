import { FAMILIES, type Rule } from "./rule";

/** Marks around what `npm run policies` writes into docs/policies.md. */
const BEGIN = "<!-- begin: npm run policies -->";
const END = "<!-- end -->";

const cell = (text: string): string => text.replaceAll("|", "\\|");

function rowOf({ id, severity, level = "mandatory", reason, remedy, source, values = {}, refusesUnknown = false }: Rule): string {
  const given = Object.entries(values).map(([name, value]) => `\`${name}\`: ${JSON.stringify(value)}`);
  const notes = [
    ...(given.length > 0 ? [`Values: ${given.join(", ")}.`] : []),
    ...(refusesUnknown ? ["Refuses what is not known yet."] : []),
  ];
  return `| \`${id}\` | ${severity}, ${level} | ${cell([reason, remedy, ...notes].join(" "))} | ${cell(source)} |`;
}

/** The rules as Markdown: a table a family. */
const tablesOf = (rules: readonly Rule[]): string =>
  FAMILIES.flatMap((family) => {
    const ofFamily = rules.filter((rule) => rule.family === family);
    if (ofFamily.length === 0) return [];
    const head = ["| rule | severity, level | why, and what to do | who says so |", "| --- | --- | --- | --- |"];
    return [`### ${family}`, "", "<!-- prettier-ignore -->", ...head, ...ofFamily.map(rowOf), ""];
  }).join("\n");

/** How well tests hold the rules, by Stryker. */
export interface MutationScore {
  readonly date: string;
  readonly mutants: number;
  readonly killed: number;
  readonly score: number;
}

const scoreLine = (score: MutationScore | undefined): string =>
  score === undefined
    ? "The score of mutation testing has not been taken yet: `npm run mutation` takes it."
    : `Of ${score.mutants} mutants of \`policy/\` and \`sizing/\`, tests killed ${score.killed}: ${score.score} % (${score.date}, \`npm run mutation\`).`;

/** A page with what stands between its marks as the rules are now. */
export const withRules = (page: string, rules: readonly Rule[], score?: MutationScore): string =>
  [
    page.slice(0, page.indexOf(BEGIN) + BEGIN.length),
    "",
    `${rules.length} rules.`,
    "",
    tablesOf(rules),
    scoreLine(score),
    "",
    page.slice(page.indexOf(END)),
  ].join("\n");

/** Where `npm run mutation` writes its score. */
export const SCORE = "bench/results/mutation.json";
export const PAGE = "docs/policies.md";

import { shown, table } from "../tables";
import { CATEGORIES, ONLY_OURS } from "./categories";
import { ALL, type Missed, type Whose } from "./compare";
import { aimsOf, type PolicyResults } from "./results";
import type { Round } from "./cost";
import { spread } from "../results";

export const COMMAND = "npm run bench -- policies";

const HEADS: Readonly<Record<Whose, string>> = { stackyard: "ours", "kube-score": "kube-score", kyverno: "Kyverno", conftest: "conftest" };

const heading = ({ date, machine, versions, manifests, rules }: PolicyResults) =>
  `${manifests.length} manifests, ${rules} rules of ours, ${date}; ${Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(", ")}; ${machine.cpus} × ${machine.cpu}, ${machine.memory}, load ${machine.load} at the start.`;

/** Per category: in how many manifests each finds something. */
const counts = ({ counts }: PolicyResults) =>
  table(
    ["", "", ...ALL.map((whose) => HEADS[whose]), "two of them, not ours", "of these a gap"],
    counts.map((count, index) => [
      String(index + 1),
      count.category,
      ...[...ALL.map((whose) => count[whose]), count.missed, count.gaps].map((many) => (many === 0 ? "" : String(many))),
    ]),
    2,
  );

/** Why ours says nothing, with the number of manifests that each reason is true of. */
function reasons({ missed }: PolicyResults): string {
  const times = new Map<string, number>();
  for (const { category, reason = "**a gap**" } of missed) {
    const line = `${category}: ${reason.replace(/(in the preview): .*/, "$1")}`;
    times.set(line, (times.get(line) ?? 0) + 1);
  }
  return [...times].map(([reason, many]) => `- ${reason} (${many})`).join("\n");
}

function verdict({ missed }: PolicyResults): string {
  const gaps = missed.filter(({ reason }) => reason === undefined);
  const named = ({ manifest, category, by }: Missed) => `- ${manifest}: ${category} (${by.join(", ")})`;
  const first = `Caught by two of them and missed by ours: ${missed.length} of all findings, ${gaps.length === 0 ? "each with a reason" : `${gaps.length} without a reason`}.`;
  return [first, ...(gaps.length > 0 ? [gaps.map(named).join("\n")] : [])].join("\n\n");
}

/** What each category means, in the words of each: ids of rules, checks, policies. */
const legend = () =>
  table(
    ["", "", ...ALL.map((whose) => HEADS[whose])],
    CATEGORIES.map((category, index) => [
      String(index + 1),
      category.title,
      ...ALL.map((whose) => category[whose].map((id) => `\`${id}\``).join(", ")),
    ]),
    7,
  );

function cost(results: PolicyResults): string {
  const { rounds, objects } = results;
  const seconds = (of: (round: Round) => number) => shown(spread(rounds.map(of)), "s");
  const aims = aimsOf(results).map(({ text, unit, measured, met }) => [text, met ? "met" : "**missed**", shown(measured, unit)]);
  return [
    table(["Aim", "", `measured, ${rounds.length} rounds`], aims, 2),
    table(
      ["", "wall"],
      [
        ["the pack starts", seconds(({ start }) => start)],
        ["`pulumi preview` of `dev`, which is up", seconds(({ preview }) => preview.pack)],
        ["the same without the pack", seconds(({ preview }) => preview.none)],
        [`${objects} objects judged by the pack's process, its start included`, seconds(({ judged }) => judged.stackyard)],
        [`${objects} objects judged by conftest`, seconds(({ judged }) => judged.conftest)],
        [`${objects} objects judged by Kyverno`, seconds(({ judged }) => judged.kyverno)],
      ],
    ),
  ].join("\n\n");
}

/** For `docs/benchmarks.md`. */
export const summary = (results: PolicyResults): string =>
  [heading(results), "### What each finds", counts(results), verdict(results), reasons(results), "### What it costs", cost(results)].join(
    "\n\n",
  );

/** Every manifest, with the numbers of the categories in which each finds something. */
export function everyManifest(results: PolicyResults): string {
  const numberOf = new Map(results.counts.map(({ category }, index) => [category, index + 1]));
  const numbers = (titles: readonly string[]) => titles.map((title) => numberOf.get(title)).join(" ");
  const rows = results.manifests.map(({ name, source, found }) => [
    source,
    name.replace(/^(score\/testdata|test\/conformance\/chainsaw(\/validate\/clusterpolicy)?)\//, ""),
    ...ALL.map((whose) => found[whose].join(" ")),
    numbers(results.missed.filter(({ manifest }) => manifest === name).map(({ category }) => category)),
  ]);
  return (
    [
      "# What each tool finds in each manifest",
      `Written by \`${COMMAND}\`; [docs/benchmarks.md](../../docs/benchmarks.md) says how. Numbers are those of the categories.`,
      heading(results),
      "## Categories, and the checks of each",
      `${results.counts.length} is "${ONLY_OURS}". A check of kube-score that says several things goes by what it says.`,
      "<!-- prettier-ignore-start -->",
      legend(),
      "## Manifests",
      table(["of", "manifest", ...ALL.map((whose) => HEADS[whose]), "two of them, not ours"], rows, 7),
      "<!-- prettier-ignore-end -->",
    ].join("\n\n") + "\n"
  );
}

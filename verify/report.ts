import type { Ref } from "./check";
import type { Result } from "./run";

/** What a look at a stack is told as. */

const nameOf = ({ kind, namespace, name }: Ref) => `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`;

const SYMBOLS = { passed: "✔", failed: "✘", skipped: "–" } as const;

/** Lists by what they have in common, in the order in which it comes. */
function grouped<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return groups;
}

const of = (results: readonly Result[], status: Result["status"]) => results.filter((result) => result.status === status);

/** For people: a line a row and system, under it each object that is red, with what to type next. */
export function textOf(results: readonly Result[]): string {
  const lines: string[] = [];
  for (const [system, ofSystem] of grouped(results, ({ object }) => object.system)) {
    lines.push("", system);
    for (const rows of grouped(ofSystem, ({ check }) => check.id).values()) lines.push(...rowOf(rows));
  }
  return lines.slice(1).join("\n");
}

function rowOf(results: readonly Result[]): string[] {
  const [red, skipped] = [of(results, "failed"), of(results, "skipped")];
  const { title } = results[0]!.check;
  const status = red.length > 0 ? "failed" : skipped.length === results.length ? "skipped" : "passed";
  const count = red.length > 0 ? `${red.length} of ${results.length} are not` : `${results.length}`;
  const reasons = [...new Set(skipped.map(({ found }) => found))];
  const left = skipped.length > 0 ? `; ${skipped.length} not looked at: ${reasons[0]}` : "";
  return [
    `  ${SYMBOLS[status]} ${title} (${count}${left})`,
    ...red.flatMap(({ object, found, next }) => [`      ${nameOf(object)}: ${found}`, `        ${next}`]),
  ];
}

/** The last line for people. */
export function summaryOf(results: readonly Result[]): string {
  const count = (status: Result["status"]) => of(results, status).length;
  return `${count("passed")} passed, ${count("failed")} failed, ${count("skipped")} not looked at`;
}

/** For programs: a record a row and object. */
export const recordsOf = (results: readonly Result[]) =>
  results.map(({ check, object: { system, apiVersion, kind, namespace, name }, status, found, next }) => ({
    check: check.id,
    source: check.source.filter((point) => system === "platform" || point.startsWith(`${system}-`)),
    system,
    apiVersion,
    kind,
    namespace,
    name,
    status,
    found,
    ...(status === "failed" && { next }),
  }));

/** Text in XML; what XML has no character for is left out. */
const escaped = (text: string): string =>
  text.replace(/[^\t\n\r\x20-\uD7FF\uE000-\uFFFD]/g, "").replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** For CI: JUnit's XML, a suite a system, a case a row and object. */
export function junitOf(results: readonly Result[], stack: string, seconds: number): string {
  const suites = [...grouped(results, ({ object }) => object.system)].map(([system, ofSystem]) => {
    const counts = countsOf(ofSystem);
    return [`  <testsuite name="${escaped(`${stack}.${system}`)}" ${counts}>`, ...ofSystem.map(caseOf), "  </testsuite>"].join("\n");
  });
  const head = `<testsuites name="stackyard verify ${escaped(stack)}" ${countsOf(results)} time="${seconds.toFixed(3)}">`;
  return ['<?xml version="1.0" encoding="UTF-8"?>', head, ...suites, "</testsuites>", ""].join("\n");
}

const countsOf = (results: readonly Result[]): string =>
  `tests="${results.length}" failures="${of(results, "failed").length}" skipped="${of(results, "skipped").length}"`;

function caseOf({ check, object, status, found, next }: Result): string {
  const start = `    <testcase classname="${check.id}" name="${escaped(nameOf(object))}"`;
  if (status === "passed") return `${start}/>`;
  if (status === "skipped") return `${start}><skipped message="${escaped(found)}"/></testcase>`;
  return `${start}><failure message="${escaped(found)}">${escaped(`${check.title}\n${next}`)}</failure></testcase>`;
}

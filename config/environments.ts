import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { DotdoSection, sharedEnvOf } from "./dotdo";
import { LAYER_NAMES, LAYERS, type LayerName } from "./layers";

/** Every option of a stack by its path, as it is in force: what the file says, else what it shares with another stack's, else the default. */
type Options = ReadonlyMap<string, string>;

interface Stack {
  readonly name: string;
  readonly layers: ReadonlyMap<LayerName, Options>;
  readonly rest: Options;
}

/** Marks around what `npm run environments` writes into docs/environments.md. */
const BEGIN = "<!-- begin: npm run environments -->";
const END = "<!-- end -->";

const PREFIX = "stackyard:";

/** Every value that has no values of its own; what is empty says no more than what is not there. */
function* leavesOf(value: unknown, path: string): Iterable<readonly [string, string]> {
  if (typeof value === "object" && value !== null && Object.keys(value).length === 0) return;
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    for (const [key, within] of Object.entries(value)) yield* leavesOf(within, path === "" ? key : `${path}.${key}`);
  } else if (value !== undefined && value !== "") {
    yield [path, typeof value === "string" ? value : JSON.stringify(value)];
  }
}

const configIn = (project: string, file: string) =>
  (parse(readFileSync(join(project, file), "utf8")) as { config: Record<string, unknown> }).config;

/** What a section of dotdo takes of another stack's, whatever it says itself. */
function sharedWith(project: string, { sharedFrom }: DotdoSection): Options {
  if (sharedFrom === undefined) return new Map();
  const other = DotdoSection.parse(configIn(project, `Pulumi.${sharedFrom}.yaml`)[`${PREFIX}dotdo`]);
  return new Map(leavesOf({ image: { tag: other.image.tag }, env: sharedEnvOf(other) }, ""));
}

function optionsOf(project: string, layer: LayerName, given: unknown): Options {
  const section = LAYERS[layer].section.parse(given);
  const shared = layer === "dotdo" ? [...sharedWith(project, section as DotdoSection)] : [];
  const own = new Map(leavesOf(given, ""));
  return new Map([...leavesOf(section, ""), ...shared.filter(([path]) => !own.has(path))]);
}

function stackOf(project: string, file: string): Stack {
  const config = configIn(project, file);
  const sections = LAYER_NAMES.filter((layer) => config[PREFIX + layer] !== undefined);
  const rest = Object.entries(config).filter(([key]) => !sections.some((layer) => key === PREFIX + layer));
  return {
    name: file.slice("Pulumi.".length, -".yaml".length),
    layers: new Map(sections.map((layer) => [layer, optionsOf(project, layer, config[PREFIX + layer])])),
    rest: new Map(rest.flatMap(([key, value]) => [...leavesOf(value, key)])),
  };
}

const cell = (text: string | undefined): string => (text === undefined ? "" : `\`${text.replaceAll("|", "\\|")}\``);

/** A table of the options that are not the same in all of the stacks. */
function tableOf(stacks: readonly { readonly name: string; readonly options: Options }[]): string[] {
  const paths = [...new Set(stacks.flatMap(({ options }) => [...options.keys()]))];
  const different = paths.filter((path) => new Set(stacks.map(({ options }) => options.get(path))).size > 1);
  const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [
    "<!-- prettier-ignore -->",
    row(["", ...stacks.map(({ name }) => name)]),
    row(["---", ...stacks.map(() => "---")]),
    ...different.map((path) => row([cell(path), ...stacks.map(({ options }) => cell(options.get(path)))])),
  ];
}

/** What differs between the stacks of a project, as Markdown: a table of what is said of the stack itself, and one a layer. */
export function differences(project: string): string {
  const stacks = readdirSync(project)
    .filter((file) => /^Pulumi\.[\w-]+\.yaml$/.test(file))
    .sort()
    .map((file) => stackOf(project, file));
  const sections = LAYER_NAMES.flatMap((layer) => {
    const having = stacks.flatMap(({ name, layers }) => {
      const options = layers.get(layer);
      return options ? [{ name, options }] : [];
    });
    return having.length > 0 ? ["", `### ${layer}`, "", ...tableOf(having)] : [];
  });
  return ["### The stack itself", "", ...tableOf(stacks.map(({ name, rest }) => ({ name, options: rest }))), ...sections].join("\n");
}

/** A page with the tables between its marks as they are now. */
export const withDifferences = (page: string, project: string): string =>
  [page.slice(0, page.indexOf(BEGIN) + BEGIN.length), "", differences(project), "", page.slice(page.indexOf(END))].join("\n");

import * as z from "zod";
import { DnsLabel, Positive, text } from "./options";

/** Where a system's own Helm chart is, and what of the system's options such a chart cannot express. */

const PATH = "path of a chart: write it like ./charts/dotdo, seen from the project's folder";
const ADDRESS = "[a-z0-9][a-z0-9.-]*(:[0-9]+)?(/[A-Za-z0-9._~/-]*)?";
const VERSION = "version of a chart: write a whole one, such as 1.2.3, and no range";

/**
 * The chart that a system is deployed by.
 *
 * @param name what the chart is called in a repository, unless its owner says otherwise
 * @param timeoutSeconds how long Helm waits for all of it
 */
export const ChartSource = (name: string, timeoutSeconds: number) =>
  z
    .strictObject({
      path: text(/^[^\s:]*[/.][^\s:]*$/, PATH)
        .optional()
        .meta({ description: "Folder or archive of the chart, seen from the project's folder." }),
      repository: text(new RegExp(`^https?://${ADDRESS}$`), "repository: write its address, https://…, without user and password")
        .optional()
        .meta({ description: "Address of the chart repository." }),
      name: DnsLabel.default(name).meta({ description: "Name of the chart in `repository`." }),
      oci: text(new RegExp(`^oci://${ADDRESS}$`), "OCI address: write it like oci://registry.example.com/charts/dotdo, without tag")
        .optional()
        .meta({ description: "OCI address of the chart, without its version." }),
      version: text(/^v?\d+\.\d+\.\d+(-[\w.-]+)?(\+[\w.-]+)?$/, VERSION)
        .optional()
        .meta({ description: "Version of the chart. A path has its own." }),
      timeoutSeconds: Positive.default(timeoutSeconds).meta({
        description: "Seconds that Helm waits for all of the chart's objects. Then it rolls back.",
      }),
    })
    .superRefine(({ path, repository, oci, version }, context) => {
      const wrong = (key: string, message: string) => context.addIssue({ code: "custom", path: [key], message });
      const places = Object.entries({ path, repository, oci }).flatMap(([key, value]) => (value === undefined ? [] : [key]));
      if (places.length === 0) wrong("path", "is missing: name the chart by one of path, repository and oci");
      for (const key of places.slice(1)) wrong(key, `is not used beside chart.${places[0]}: leave one of them out`);
      if (version === undefined && path === undefined && places.length > 0)
        wrong("version", "is missing: name the whole version of the chart, such as 1.2.3");
      if (version !== undefined && path !== undefined)
        wrong("version", "is not used beside chart.path, whose chart has its own: leave it out");
    })
    .optional()
    .meta({
      description: "Deploy the system's own Helm chart instead of single objects. Going from one to the other over what runs is refused.",
    });

export type ChartSource = NonNullable<z.output<ReturnType<typeof ChartSource>>>;

/** One option that a chart cannot express as it is set. */
export interface ChartRefusal {
  readonly path: string[];
  readonly message: string;
  /** Left out, the option would be as the chart has it. */
  readonly remedy?: "remove";
}

/** What a chart does, whatever the options say, and why. */
export interface Lack {
  readonly because: string;
  /** What the option has to be set to, because its default would be an empty promise; left out: it may only have its default. */
  readonly needs?: unknown;
  /** What the chart does anyway, and the option may therefore say. */
  readonly has?: unknown;
}

/** Options, or groups of them, that a chart cannot express, by their path. */
export type Lacks = Readonly<Record<string, string | Lack>>;

const isTree = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);
const at = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((inner, key) => (isTree(inner) ? inner[key] : undefined), value);
const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);
const shown = (value: unknown): string => (value === undefined ? "out" : `at ${JSON.stringify(value)}`);

/** Paths at which two values differ, as deep down as both are maps. */
const differing = (value: unknown, other: unknown, path: string[]): string[][] => {
  if (same(value, other)) return [];
  if (!isTree(value) || !isTree(other)) return [path];
  return [...new Set([...Object.keys(value), ...Object.keys(other)])].flatMap((key) => differing(value[key], other[key], [...path, key]));
};

/**
 * Every option that a chart cannot express and that asks for something else than the chart does.
 *
 * @param lacks what the chart cannot express
 * @param options the checked options
 * @param defaults the same options with nothing set that may be left out
 */
export const chartRefusals = (lacks: Lacks, options: unknown, defaults: unknown): ChartRefusal[] =>
  Object.entries(lacks).flatMap(([key, lack]) => {
    const path = key.split(".");
    const { because, needs, has } = typeof lack === "string" ? { because: lack } : lack;
    const value = at(options, path);
    if (needs !== undefined) {
      return same(value, needs) ? [] : [{ path, message: `cannot be had of the chart: ${because}. Set it to ${JSON.stringify(needs)}` }];
    }
    if (has !== undefined && same(value, has)) return [];
    return differing(value, at(defaults, path), path).map((where) => ({
      path: where,
      message: `cannot be had of the chart: ${because}. Leave it ${shown(at(defaults, where))}`,
      remedy: "remove" as const,
    }));
  });

/** An image that only a digest names: charts put a tag behind the repository, always. */
export const imageRefusals = (path: string[], { tag, digest }: { readonly tag?: string; readonly digest?: string }): ChartRefusal[] =>
  digest !== undefined && tag === undefined
    ? [
        {
          path: [...path, "digest"],
          message: `cannot be had of the chart alone: it names images by their tag. Set ${[...path, "tag"].join(".")}, too`,
        },
      ]
    : [];

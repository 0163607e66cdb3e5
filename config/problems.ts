import * as z from "zod";
import { keyOf, mayBeSecret, valueAt, type Commands, type Path } from "./commands";
import { MANY, meantBy, nearestTo } from "./nearest";
import type { Problem } from "./problem";
import { optionsIn, remediesOf, schemaAt, setting, type Issue, type JsonSchema } from "./remedies";

const jsonSchemas = new WeakMap<z.ZodType, JsonSchema>();
/** Made once: it takes a third of a second for the whole config. */
function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  const known = jsonSchemas.get(schema) ?? z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  jsonSchemas.set(schema, known);
  return known;
}

/** Everything that a schema finds wrong with a config, as what to tell its author. */
export function problemsOf(schema: z.ZodType, config: unknown, commands: Commands): Problem[] {
  const issues = issuesOf(schema, config);
  if (issues.length === 0) return [];
  const known = jsonSchemaOf(schema);
  return issues.flatMap((issue) =>
    issue.code === "unrecognized_keys"
      ? issue.keys.map((name) => unknown([...issue.path, name], known, commands))
      : {
          key: keyOf(issue.path),
          reason: reasonOf(issue, valueAt(config, issue.path)),
          remedies: remediesOf(issue, config, known, commands),
        },
  );
}

/** The issues of a config; of a map that is missing, what is missing in it. */
function issuesOf(schema: z.ZodType, config: unknown): Issue[] {
  const issues = (schema.safeParse(config).error?.issues ?? []).flatMap(flat);
  const lacking = issues.filter(
    (issue) => issue.code === "invalid_type" && issue.expected === "object" && valueAt(config, issue.path) === undefined,
  );
  if (lacking.length === 0) return issues;
  const filled: unknown = structuredClone(config);
  for (const { path } of lacking) Object.assign(valueAt(filled, path.slice(0, -1)) as object, { [path.at(-1) as string]: {} });
  return issuesOf(schema, filled);
}

/** What the one alternative of a union finds that has the form of the value; the union's own word where none has. */
function flat(issue: Issue): Issue[] {
  if (issue.code !== "invalid_union") return [issue];
  const fitting = issue.errors.find((issues) => issues.every(({ path }) => path.length > 0));
  return fitting ? fitting.flatMap((inner) => flat({ ...inner, path: [...issue.path, ...inner.path] })) : [issue];
}

const ACCEPTED: Readonly<Record<string, string>> = {
  string: 'text; in quotes where it looks like a number, true or false ("1")',
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  object: "a map of settings",
  record: "a map of settings",
  array: "a list",
};

function reasonOf(issue: Issue, value: unknown): string {
  // the name is wrong, and nothing is said of what stands under it; a map that says itself what its names are has said it
  if (issue.code === "invalid_key")
    return issue.message.startsWith("Invalid") ? (issue.issues[0]?.message ?? issue.message) : issue.message;
  if (mayBeSecret(issue.path)) return issue.message.replaceAll(JSON.stringify(value) ?? "undefined", "what is given");
  if (issue.code === "invalid_value" && issue.values.length > MANY && typeof value === "string")
    return `${shown(value)} is unknown: ${misspelt(value, issue.values.map(String))}`;
  const accepted = acceptedBy(issue);
  if (value === undefined && issue.code !== "custom") return `is missing: write ${accepted ?? "it"}`;
  if (/^(Invalid|Too|Unrecognized)/.test(issue.message)) return `${shown(value)} is not accepted: write ${accepted ?? issue.message}`;
  return issue.message.startsWith("is ") && value !== undefined ? `${shown(value)} ${issue.message}` : issue.message;
}

/** What would be accepted, in words that follow "write". */
function acceptedBy(issue: Issue): string | undefined {
  if (issue.code === "invalid_value") return issue.values.map((value) => String(value)).join(" or ");
  const [, said] = /^undefined is no [^:]*: (?:write |use )?(.*)$/.exec(issue.message) ?? [];
  if (said) return said;
  if (issue.code === "invalid_union")
    return [...new Set(issue.errors.flatMap(([first]) => (first && acceptedBy(first)) ?? []))].join(" or ");
  if (issue.code === "invalid_type") return ACCEPTED[issue.expected] ?? issue.expected;
  if (issue.code === "too_small") return `at least ${issue.minimum}`;
  if (issue.code === "too_big") return `at most ${issue.maximum}`;
  return undefined;
}

/** What is said of a name that is none of many. */
function misspelt(name: string, names: readonly string[]): string {
  const meant = meantBy(name, names);
  return meant ? `did you mean ${meant}?` : `nearest are ${nearestTo(name, names).join(", ")}`;
}

const LONGEST = 60;
function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

/** A key that nothing reads. Its value is not shown: it may be a secret that went astray. */
function unknown(path: Path, schema: JsonSchema, commands: Commands): Problem {
  const parent = path.slice(0, -1);
  const name = String(path.at(-1));
  const siblings = Object.keys(optionsIn(schemaAt(schema, parent) ?? {}).properties ?? {});
  const meant = meantBy(name, siblings);
  const full = siblings.map((sibling) => (parent.length === 0 ? `stackyard:${sibling}` : sibling));
  const known = full.length > MANY ? `nearest are ${nearestTo(name, siblings).join(", ")}` : `known here are ${full.join(", ") || "none"}`;
  return {
    key: keyOf(path),
    reason: meant ? `is unknown: did you mean ${parent.length === 0 ? `stackyard:${meant}` : meant}?` : `is unknown: ${known}`,
    remedies: [commands.remove(keyOf(path)), ...(meant ? [setting([...parent, meant], schema, commands, false)] : [])],
  };
}

import type { z } from "zod";
import { bindingCommand } from "./cluster";
import { keyOf, mayBeSecret, quoted, valueAt, type Commands, type Path } from "./commands";
import { MANY, meantBy } from "./nearest";
import { secretCommands } from "./secrets";

export type Issue = z.core.$ZodIssue;
export type JsonSchema = z.core.JSONSchema.JSONSchema;

/** The commands that mend one issue. */
export function remediesOf(issue: Issue, config: unknown, root: JsonSchema, commands: Commands): string[] {
  const binding = bindingCommand(issue.path, config, commands);
  if (binding) return binding;
  const key = keyOf(issue.path);
  if (issue.code === "invalid_key") return [commands.edit(`${key}: under another name`)];
  const value = valueAt(config, issue.path);
  const secret = value === undefined ? secretCommands(issue.path, commands) : [];
  if (secret.length > 0) return secret;
  const misplaced = issue.code === "invalid_type" && ["object", "record", "array"].includes(issue.expected) && value !== undefined;
  if (misplaced) return [commands.remove(key)];
  if (issue.code === "custom" && issue.params?.["remedy"] === "remove")
    return [commands.remove(key), ...moved(issue.path, issue.params["instead"], root, commands)];
  const meant = mayBeSecret(issue.path) ? undefined : meantIn(issue, value);
  const set = meant === undefined ? setting(issue.path, root, commands, issue.code !== "custom") : commands.set(key, wordOf(meant));
  // where text stands, Pulumi makes text of what is set, whatever it looks like
  const staysText = typeof value === "string" && schemaAt(root, issue.path)?.type !== "string";
  return staysText ? [commands.remove(key), set] : [set];
}

/** What sets elsewhere in the section what is taken out, where that is said. */
function moved([section]: Path, place: unknown, root: JsonSchema, commands: Commands): string[] {
  if (section === undefined || !Array.isArray(place)) return [];
  const path = [section, ...(place as string[])];
  const secret = secretCommands(path, commands);
  return secret.length > 0 ? secret : [setting(path, root, commands, false)];
}

/** What was probably meant by a value. */
function meantIn(issue: Issue, value: unknown): unknown {
  if (issue.code === "invalid_value" && typeof value === "string") return meantBy(value, issue.values.map(String));
  return issue.code === "invalid_type" ? inForm(issue.expected, value) : undefined;
}

/** The same value in the form that is expected, where it has only the wrong one: 1 for "1", "1" for 1. */
function inForm(expected: string, value: unknown): unknown {
  if (expected === "string" && (typeof value === "number" || typeof value === "boolean")) return String(value);
  if (expected === "boolean" && (value === "true" || value === "false")) return value === "true";
  return (expected === "number" || expected === "int") && typeof value === "string" && /^\d+$/.test(value) ? Number(value) : undefined;
}

/** The command that sets a setting: to its default where that is known to be accepted, else to what stands for a value of its form. */
export function setting(path: Path, root: JsonSchema, commands: Commands, useDefault: boolean): string {
  const schema = schemaAt(root, path);
  if (schema?.properties ?? schema?.additionalProperties) {
    const [first] = schema.required ?? [];
    return first ? setting([...path, first], root, commands, useDefault) : commands.edit(keyOf(path));
  }
  if (schema?.items) return setting([...path, 0], root, commands, useDefault);
  const [first, ...others] = schema?.enum ?? schema?.anyOf?.flatMap((one) => (typeof one === "object" ? (one.enum ?? []) : [])) ?? [];
  const example = useDefault && others.length < MANY ? (schema?.default ?? first) : others.length === 0 ? first : undefined;
  return commands.set(keyOf(path), typeof example === "object" || example === undefined ? `'<${formOf(schema)}>'` : wordOf(example));
}

/** A value in a command: Pulumi takes digits and true or false for what they look like, unless told that they are text. */
const wordOf = (value: unknown) =>
  typeof value === "string" && /^(true|false|\d+)$/.test(value) ? `--type string ${value}` : quoted(String(value));

function formOf(schema: JsonSchema | undefined): string {
  if (schema?.enum && schema.enum.length <= MANY) return schema.enum.join(" | ");
  if (schema?.type === "integer") return "whole number";
  if (schema?.type === "boolean") return "true | false";
  return schema?.type === "number" ? "number" : "value";
}

/** The alternative of a JSON Schema that has options of its own, where it is one of several. */
export function optionsIn(schema: JsonSchema): JsonSchema {
  const alternative = schema.anyOf?.find((one) => typeof one === "object" && (one.properties ?? one.items));
  return typeof alternative === "object" ? alternative : schema;
}

/** The part of a JSON Schema that is about one place of the config. */
export function schemaAt(schema: JsonSchema | undefined, [step, ...rest]: Path): JsonSchema | undefined {
  if (schema === undefined || step === undefined) return schema;
  const from = optionsIn(schema);
  const next = typeof step === "number" ? from.items : (from.properties?.[String(step)] ?? from.additionalProperties);
  return typeof next === "object" && !Array.isArray(next) ? schemaAt(next, rest) : undefined;
}

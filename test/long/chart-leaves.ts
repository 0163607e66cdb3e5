import * as pulumi from "@pulumi/pulumi";
import { strict as assert } from "node:assert";
import * as z from "zod";
import { plan, type Planned } from "../unit/components/engine";
import { given } from "../unit/starter-given";

/** Walks every option of a schema, to show what a chart component makes of it. */

type Json = z.core.JSONSchema.JSONSchema;
const isSchema = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);

/** One option that has no options of its own. */
export interface Leaf {
  readonly path: string;
  readonly schema: Json;
}

/** Every leaf of a schema; where any name may stand, one that stands for all of them. */
export const leavesOf = (schema: z.ZodType): Leaf[] => leaves(z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }), "");

function leaves(schema: Json, path: string): Leaf[] {
  const inner = Object.entries(schema.properties ?? {}).flatMap(([key, option]) =>
    isSchema(option) ? leaves(option, path === "" ? key : `${path}.${key}`) : [],
  );
  if (inner.length === 0) return [{ path, schema }];
  return isSchema(schema.additionalProperties) ? [...inner, { path: `${path}.FURTHER`, schema: schema.additionalProperties }] : inner;
}

const TEXTS = [
  "other",
  "7Gi",
  "7",
  "77m",
  "77s",
  "/other",
  "other.example.com",
  "https://other.example.com",
  "v1.2.7",
  `sha256:${"7".repeat(64)}`,
];
const TEXTS_OF_MORE = [
  "registry.example.com/other",
  "registry.example.com/other:7",
  "{user}.other.example.com",
  "{user}-other",
  "10.7.0.0/16",
];

/** A value that a leaf takes, and that is not the one given; undefined where there is none. */
export function other(schema: Json, now?: unknown): unknown {
  for (const alternative of schema.anyOf ?? []) {
    const value = isSchema(alternative) && alternative.type !== "null" ? other(alternative, now) : undefined;
    if (value !== undefined) return value;
  }
  if (schema.const !== undefined) return schema.const === now ? undefined : schema.const;
  if (schema.enum) return schema.enum.find((value) => value !== now);
  if (schema.type === "boolean") return now !== true;
  if (schema.type === "integer" || schema.type === "number") return numberFor(schema, now);
  if (schema.type === "array") return isSchema(schema.items) ? [other(schema.items)] : [];
  if (schema.type === "object") return objectFor(schema);
  const fits = (text: string) => text !== now && (schema.pattern === undefined || new RegExp(schema.pattern).test(text));
  return [...TEXTS, ...TEXTS_OF_MORE].find((text) => fits(text) && (schema.minLength ?? 0) <= text.length);
}

function numberFor({ minimum = 0, maximum = Infinity }: Json, now: unknown): number {
  const from = typeof now === "number" ? now : Number(minimum);
  return from + 1 <= Number(maximum) ? from + 1 : from - 1;
}

function objectFor(schema: Json): unknown {
  if (!schema.properties) return isSchema(schema.additionalProperties) ? { OTHER: other(schema.additionalProperties) } : {};
  const required = Object.entries(schema.properties).filter(([key]) => schema.required?.includes(key));
  return Object.fromEntries(required.map(([key, option]) => [key, isSchema(option) ? other(option) : undefined]));
}

export const at = (value: unknown, path: string): unknown =>
  path.split(".").reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value);

/** Changes that set one leaf. */
export const changeOf = (path: string, value: unknown): unknown =>
  path.split(".").reduceRight<unknown>((inner, key) => ({ [key]: inner }), value);

/** What becomes of one leaf: errors that name it, or other objects. */
export type Fate = "refused" | "mapped" | "nothing";

interface Subject<Args extends object> {
  /** Arguments that the chart can express, with every part of the system on. */
  readonly base: Args;
  readonly make: (args: Args) => unknown;
}

/** Kubernetes objects that are planned, the release among them. */
const objectsOf = async (make: () => unknown): Promise<Planned[]> =>
  (await plan(make)).filter(({ type }) => type.startsWith("kubernetes:"));

const refusedBy = (error: unknown): string[] => {
  if (pulumi.InputPropertiesError.isInstance(error)) return (error.errors ?? []).map(({ propertyPath }) => propertyPath);
  throw error;
};

/** What is planned for arguments that are the same object, planned once. */
const planned = new WeakMap<object, Promise<string>>();
const textOf = <Args extends object>({ base, make }: Subject<Args>): Promise<string> => {
  const known = planned.get(base) ?? objectsOf(() => make(base)).then((objects) => JSON.stringify(objects));
  planned.set(base, known);
  return known;
};

interface Change {
  readonly path: string;
  readonly value: unknown;
  /** What is set before, for what the options ask of each other. */
  readonly beside?: unknown;
  /** What is changed along with it. */
  readonly along?: unknown;
}

/** What a change of one leaf does to what is planned. */
export async function fateOf<Args extends object>({ base, make }: Subject<Args>, { path, value, beside, along }: Change): Promise<Fate> {
  const around = beside === undefined ? base : given(base, beside);
  const changed = given(given(around, along ?? {}), changeOf(path, value));
  const before = await textOf({ base: around, make });
  try {
    const after = await objectsOf(() => make(changed));
    return before === JSON.stringify(after) ? "nothing" : "mapped";
  } catch (error) {
    const refused = refusedBy(error);
    assert.ok(
      refused.every((property) => property === path || property.startsWith(`${path}.`) || path.startsWith(`${property}.`)),
      `${JSON.stringify(value)} was refused for ${refused.join(", ")}`,
    );
    return "refused";
  }
}

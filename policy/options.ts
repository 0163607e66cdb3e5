import * as z from "zod";
import type { Rule } from "./rule";
import { RULES } from "./rules";

const levelsOf = (rule: Rule) =>
  z.enum("remediate" in rule ? (["mandatory", "advisory", "remediate"] as const) : (["mandatory", "advisory"] as const));

const valueOf = (value: unknown) => {
  if (typeof value === "number") return z.number();
  if (typeof value === "boolean") return z.boolean();
  return Array.isArray(value) ? z.array(z.string()) : z.string();
};

/** Level of a rule, or with values of its own. */
const settingOf = (rule: Rule) => {
  const level = levelsOf(rule);
  if (rule.values === undefined) return level;
  const values = Object.fromEntries(Object.entries(rule.values).map(([key, value]) => [key, valueOf(value).optional()]));
  return z.union([level, z.strictObject({ level: level.optional(), values: z.strictObject(values).optional() })], {
    error: `is no level: write ${level.options.join(" or ")}, or a map of level and values`,
  });
};

const today = () => new Date().toISOString().slice(0, 10);

const Exception = z.strictObject({
  rule: z.enum(RULES.map(({ id }) => id)).meta({ description: "Rule that does not hold." }),
  resource: z
    .string({ error: "is no name of a resource: write it as preview prints it, with * at its end for all that begin so" })
    .min(1, { error: "is empty: write the name of the resource as preview prints it" })
    .meta({ description: "Pulumi's name of the resource, as preview prints it; with * at its end, of all that begin so." }),
  reason: z
    .string()
    .min(10, { error: "is too short: write why it need not hold there, for who reads it later" })
    .meta({ description: "Why it need not hold there." }),
  // YAML has dates, and Pulumi hands one on as midnight: "2027-03-31 00:00:00 +0000 UTC"
  until: z
    .string({ error: "is no date: write one as in 2027-03-31" })
    .transform((until) => until.replace(/ 00:00:00 \+0000 UTC$/, ""))
    .pipe(z.iso.date({ error: "is no date: write one as in 2027-03-31" }))
    .refine((until) => until >= today(), {
      error: ({ input }) => `has passed (${String(input)}): mend the resource, or judge anew and set a later date`,
    })
    .meta({ description: "Last day of the exception, as in 2027-03-31. After it the stack is refused." }),
});

/** Section `stackyard:policy`: what a stack's environment says of the rules. */
export const PolicySection = z
  .strictObject({
    rules: z
      .strictObject(Object.fromEntries(RULES.map((rule) => [rule.id, settingOf(rule).optional()])))
      .optional()
      .meta({
        description:
          "Level of each rule whose default does not suit: mandatory stops the run, advisory says so; values where the rule has some.",
      }),
    exceptions: z.array(Exception).optional().meta({ description: "Resources for which a rule need not hold, each until a day." }),
  })
  .meta({ description: "Levels and exceptions of the policy pack. Default: those of the rules." });
export type PolicySection = z.output<typeof PolicySection>;

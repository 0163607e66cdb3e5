import { Command } from "commander";
import { stringify } from "yaml";
import type { Rule } from "../../policy/rule";
import type { PolicySettings } from "../../policy/settings";
import { stacksOf } from "../../sandbox/stack";
import { UserError } from "../errors";
import { jsonOption, stackArgument } from "../options";
import { table } from "../table";
import { knownStack, project } from "../target";

// loaded when they are used: rules and schemas take half a second
const policy = async () => {
  const [{ RULES }, { PolicySettings }, { policyOf }, { nearestTo }] = await Promise.all([
    import("../../policy/rules"),
    import("../../policy/settings"),
    import("../../config/policy"),
    import("../../config/nearest"),
  ]);
  const settingsOf = (stack: string) => new PolicySettings(policyOf(stack, knownStack(stack)));
  return { RULES, settingsOf, nearestTo };
};

const list = new Command("list")
  .summary("every rule, and its level in a stack")
  .description(
    "Lists every rule of the policy pack with its level and exceptions in a stack, as Pulumi.<stack>.yaml has them. Asks no cluster.",
  )
  .addArgument(stackArgument())
  .addOption(jsonOption())
  .action(async (stack: string, { json }: { json: boolean }) => {
    const { RULES, settingsOf } = await policy();
    const settings = settingsOf(stack);
    const rows = RULES.map((rule) => ({
      rule: rule.id,
      family: rule.family,
      severity: rule.severity,
      level: settings.levelOf(rule),
      values: settings.valuesOf(rule),
      exceptions: exceptionsIn(settings, rule),
    }));
    if (json) return console.log(JSON.stringify(rows, undefined, 2));
    console.log(
      table(
        ["rule", "family", "severity", "level", "exceptions"],
        rows.map(({ rule, family, severity, level, exceptions }) => [
          rule,
          family,
          severity,
          level,
          exceptions.map(({ resource, until }) => `${resource} until ${until}`).join(", "),
        ]),
      ),
    );
    console.log(`\n${rows.length} rules as stack "${stack}" has them. npx stackyard policy explain <rule> says why, and what to do.`);
  });

const explain = new Command("explain")
  .summary("why a rule is, and what to do where it is broken")
  .description(
    "Says of a rule what goes wrong without it, what to do, who says so, its values, and its level in each stack. Asks no cluster.",
  )
  .argument("<rule>", "name of the rule, as preview prints it before its message")
  .addOption(jsonOption())
  .action(async (id: string, { json }: { json: boolean }) => {
    const { RULES, settingsOf, nearestTo } = await policy();
    const rule = RULES.find((rule) => rule.id === id);
    if (rule === undefined) {
      const names = RULES.map((rule) => rule.id);
      throw unknownRule(id, nearestTo(id, names));
    }
    const stacks = stacksOf(project).map((stack) => {
      const settings = settingsOf(stack);
      return { stack, level: settings.levelOf(rule), values: settings.valuesOf(rule), exceptions: exceptionsIn(settings, rule) };
    });
    if (json) console.log(JSON.stringify({ ...said(rule), stacks }, undefined, 2));
    else console.log(explained(rule, stacks));
  });

/** What there is to say of a rule, whatever a stack says of it. */
const said = ({ id, family, severity, level = "mandatory", reason, remedy, source, values = {}, ...rest }: Rule) => ({
  rule: id,
  family,
  severity,
  level,
  reason,
  remedy,
  source,
  values,
  looksAt: "check" in rest ? "each object, before it is touched" : "all objects of the stack, at the end of preview and update",
  unknown: rest.refusesUnknown ? "refused: the value has to be known before the update" : "said, and judged in the update",
});

const exceptionsIn = (settings: PolicySettings, rule: Rule) =>
  settings.exceptionsOf(rule).map(({ resource, reason, until }) => ({ resource, reason, until }));

interface InStack {
  readonly stack: string;
  readonly level: string;
  readonly values: Rule["values"];
  readonly exceptions: ReturnType<typeof exceptionsIn>;
}

function explained(rule: Rule, stacks: readonly InStack[]): string {
  const { reason, remedy, source, family, severity, level, looksAt, unknown, values } = said(rule);
  const elsewhere = stacks.filter((stack) => stack.level !== level).map(({ stack, level }) => `${level} in ${stack}`);
  const rows = [
    ["why", reason],
    ["what to do", remedy],
    ["who says so", source],
    ["family", family],
    ["severity", severity],
    ["level", [level, ...elsewhere].join(", ")],
    ["looks at", looksAt],
    ["unknown values", unknown],
    ...Object.entries(values).map(([name, value]) => [`value ${name}`, valueIn(stacks, name, value)]),
    ...stacks.flatMap(({ stack, exceptions }) =>
      exceptions.map(({ resource, reason, until }) => ["exception", `${resource} in ${stack} until ${until}: ${reason}`]),
    ),
  ];
  const width = Math.max(...rows.map(([name = ""]) => name.length)) + 2;
  const lines = rows.map(([name = "", text = ""]) => `  ${name.padEnd(width)}${text}`);
  return [rule.id, "", ...lines, "", settingOf(rule)].join("\n");
}

/** The default of a value, and what stacks have in its place. */
function valueIn(stacks: readonly InStack[], name: string, value: unknown): string {
  const [usual, ...own] = [JSON.stringify(value), ...stacks.map(({ values = {} }) => JSON.stringify(values[name]))];
  const others = stacks.flatMap(({ stack }, index) => (own[index] === usual ? [] : [`${own[index]} in ${stack}`]));
  return [usual, ...others].join(", ");
}

/** What may be written of a rule into a stack's file. */
function settingOf({ id, values }: Rule): string {
  const exception = {
    rule: id,
    resource: "<name, as preview prints it>",
    reason: "<why it need not hold there>",
    until: "<last day, as in 2027-03-31>",
  };
  const section = { rules: { [id]: values === undefined ? "advisory" : { level: "advisory", values } }, exceptions: [exception] };
  return `What may stand in Pulumi.<stack>.yaml of it:\n${stringify({ "stackyard:policy": section }).trimEnd().replace(/^/gm, "  ")}`;
}

function unknownRule(id: string, nearest: readonly string[]): UserError {
  return new UserError(`there is no rule "${id}"; nearest are ${nearest.join(", ")}`, [
    ...nearest.map((near) => `npx stackyard policy explain ${near}`),
    "npx stackyard policy list   # has all of them",
  ]);
}

export const policyCommand = new Command("policy")
  .description("The rules that each preview and update is judged by.")
  .addCommand(list)
  .addCommand(explain);

import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { checkFile, Refusal } from "../../config";
import { policyOf } from "../../config/policy";
import { RULES } from "../../policy/rules";

const day = (fromToday: number) => new Date(Date.now() + fromToday * 86_400_000).toISOString().slice(0, 10);
const exception = { rule: "image-pinned", resource: "api", reason: "its vendor has no tags", until: "2099-12-31" };
const KEY = "stackyard:policy";
const set = (key: string, word: string) => `$ pulumi config set --stack trial --path '${KEY}.${key}' ${word}`;
const remove = (key: string) => `$ pulumi config rm --stack trial --path '${KEY}.${key}'`;

describe("stackyard:policy", () => {
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), "stackyard-"))));
  after(() => rmSync(folder, { recursive: true }));

  const fileOf = (policy: unknown) => {
    const file = join(folder, "Pulumi.trial.yaml");
    const cluster = { context: "kind-dev", uid: "0f8fad5b-d9cb-469f-a165-70867728950e" };
    writeFileSync(file, stringify({ config: { "stackyard:layers": [], "stackyard:cluster": cluster, [KEY]: policy } }));
    return file;
  };
  /** What a section is refused with, under each key as it follows `stackyard:policy`: the reason, then the commands. */
  function refused(policy: unknown): Record<string, string[]> {
    const file = fileOf(policy);
    const said = [() => checkFile("trial", file), () => policyOf("trial", file)].map((check) => {
      try {
        check();
      } catch (error) {
        if (error instanceof Refusal) return error.message;
        throw error;
      }
      return assert.fail("the section was taken");
    });
    assert.equal(said[0], said[1], "the section by itself is refused otherwise than in the whole");
    const [, ...blocks] = said[0]!.split("\n\n");
    return Object.fromEntries(
      blocks.map((block) => {
        const [key = "", ...lines] = block.split("\n").map((line) => line.trim());
        return [key.replace(`${KEY}.`, ""), lines];
      }),
    );
  }

  it("is taken with levels, values and exceptions, and may be left out", () => {
    const policy = {
      rules: { "image-pinned": "advisory", "dotdo-scaling": { level: "advisory", values: { max: 300 } }, "one-scaler": "mandatory" },
      exceptions: [exception, { ...exception, resource: "fluxiondb-*" }],
    };
    checkFile("trial", fileOf(policy));
    assert.deepEqual(policyOf("trial", fileOf(policy)), policy);
    assert.deepEqual(policyOf("trial", fileOf(undefined)), {});
  });

  it("takes an exception on its last day, and refuses it from the next on", () => {
    checkFile("trial", fileOf({ exceptions: [{ ...exception, until: day(1) }] }));
    checkFile("trial", fileOf({ exceptions: [{ ...exception, until: day(0) }] }));
    const yesterday = day(-1);
    assert.deepEqual(refused({ exceptions: [{ ...exception, until: yesterday }] }), {
      "exceptions[0].until": [
        `has passed (${yesterday}): mend the resource, or judge anew and set a later date`,
        set("exceptions[0].until", "'<value>'"),
      ],
    });
  });

  it("takes a day as Pulumi hands on what YAML has for a date", () => {
    const until = "2099-12-31 00:00:00 +0000 UTC";
    assert.deepEqual(policyOf("trial", fileOf({ exceptions: [{ ...exception, until }] })).exceptions, [exception]);
  });

  it("names the rule that was meant by one that there is not, and the command that sets it", () => {
    assert.deepEqual(refused({ rules: { "image-pined": "advisory" } }), {
      "rules.image-pined": [
        "is unknown: did you mean image-pinned?",
        remove("rules.image-pined"),
        set("rules.image-pinned", "'<mandatory | advisory>'"),
      ],
    });
    assert.deepEqual(refused({ exceptions: [{ ...exception, rule: "image-pined" }] }), {
      "exceptions[0].rule": ['"image-pined" is unknown: did you mean image-pinned?', set("exceptions[0].rule", "image-pinned")],
    });
  });

  it("names the nearest few of a rule that is like none, and sets none in its place", () => {
    for (const policy of [{ rules: { seldom: "advisory" } }, { exceptions: [{ ...exception, rule: "seldom" }] }]) {
      const [[reason = ""] = [], ...others] = Object.values(refused(policy));
      assert.deepEqual(others, []);
      const [, names = ""] = /is unknown: nearest are (.*)$/.exec(reason) ?? [];
      assert.equal(names.split(", ").length, 3, reason);
      for (const name of names.split(", "))
        assert.ok(
          RULES.some(({ id }) => id === name),
          name,
        );
    }
    assert.deepEqual(refused({ exceptions: [{ ...exception, rule: "seldom" }] })["exceptions[0].rule"]?.slice(1), [
      set("exceptions[0].rule", "'<value>'"),
    ]);
  });

  const ACCEPTED = "mandatory or advisory";
  for (const [what, policy, key, reason, ...commands] of [
    [
      "a level that there is not",
      { rules: { "image-pinned": "warn" } },
      "rules.image-pinned",
      `"warn" is not accepted: write ${ACCEPTED}`,
      set("rules.image-pinned", "mandatory"),
    ],
    [
      "to mend by itself, of a rule that cannot",
      { rules: { "image-pinned": "remediate" } },
      "rules.image-pinned",
      `"remediate" is not accepted: write ${ACCEPTED}`,
      set("rules.image-pinned", "mandatory"),
    ],
    [
      "a level that there is not, of a rule with values",
      { rules: { "dotdo-scaling": "off" } },
      "rules.dotdo-scaling",
      `"off" is no level: write ${ACCEPTED}, or a map of level and values`,
      remove("rules.dotdo-scaling"),
      set("rules.dotdo-scaling", "mandatory"),
    ],
    [
      "a level that there is not, beside values",
      { rules: { "dotdo-scaling": { level: "off" } } },
      "rules.dotdo-scaling.level",
      `"off" is not accepted: write ${ACCEPTED}`,
      set("rules.dotdo-scaling.level", "mandatory"),
    ],
    [
      "a value of another type",
      { rules: { "dotdo-scaling": { values: { min: "two" } } } },
      "rules.dotdo-scaling.values.min",
      '"two" is not accepted: write a number',
      remove("rules.dotdo-scaling.values.min"),
      set("rules.dotdo-scaling.values.min", "'<number>'"),
    ],
    [
      "a value that the rule has not",
      { rules: { "dotdo-scaling": { values: { mix: 2 } } } },
      "rules.dotdo-scaling.values.mix",
      "is unknown: did you mean min?",
      remove("rules.dotdo-scaling.values.mix"),
      set("rules.dotdo-scaling.values.min", "'<number>'"),
    ],
    [
      "values of a rule that has none",
      { rules: { "image-pinned": { values: {} } } },
      "rules.image-pinned",
      `{"values":{}} is not accepted: write ${ACCEPTED}`,
      set("rules.image-pinned", "mandatory"),
    ],
    [
      "an exception without a reason worth the name",
      { exceptions: [{ ...exception, reason: "because" }] },
      "exceptions[0].reason",
      '"because" is too short: write why it need not hold there, for who reads it later',
      set("exceptions[0].reason", "'<value>'"),
    ],
    [
      "an exception of no resource",
      { exceptions: [{ ...exception, resource: "" }] },
      "exceptions[0].resource",
      '"" is empty: write the name of the resource as preview prints it',
      set("exceptions[0].resource", "'<value>'"),
    ],
    [
      "an exception until no day",
      { exceptions: [{ ...exception, until: "2099-02-30" }] },
      "exceptions[0].until",
      '"2099-02-30" is no date: write one as in 2027-03-31',
      set("exceptions[0].until", "'<value>'"),
    ],
    [
      "a key that there is not",
      { rule: {} },
      "rule",
      "is unknown: did you mean rules?",
      remove("rule"),
      "$ $EDITOR Pulumi.trial.yaml   # stackyard:policy.rules",
    ],
  ] as const) {
    it(`refuses ${what}`, () => assert.deepEqual(refused(policy), { [key]: [reason, ...commands] }));
  }

  it("names what an exception lacks, and every error at once", () => {
    const said = refused({ rules: { "one-scaler": "off", nothing: "advisory" }, exceptions: [{ rule: "one-scaler" }] });
    assert.deepEqual(Object.keys(said).sort(), [
      "exceptions[0].reason",
      "exceptions[0].resource",
      "exceptions[0].until",
      "rules.nothing",
      "rules.one-scaler",
    ]);
    for (const field of ["reason", "resource", "until"]) assert.match(said[`exceptions[0].${field}`]?.[0] ?? "", /^is missing: write /);
  });
});

import { strict as assert } from "node:assert";
import { messageOf } from "../../policy/judge";
import { FAMILIES } from "../../policy/rule";
import { RULES, type RuleId } from "../../policy/rules";
import { foundOf, judged, mutated } from "./case";
import { CASES } from "./cases";

describe("rules", () => {
  it("have one name each", () => {
    const names = RULES.map(({ id }) => id);
    assert.deepEqual(names, [...new Set(names)]);
  });

  for (const rule of RULES) {
    const { id, family, reason, remedy, source } = rule;
    describe(id, () => {
      const own = CASES[id as RuleId];

      it("says why, what to do, and who says so", () => {
        for (const sentence of [reason, remedy]) assert.match(sentence, /^\w.{15,}\.$/);
        assert.ok(source.length > 0 && FAMILIES.includes(family));
      });
      for (const [index, stack] of own.valid.entries()) {
        it(`takes ${stack.map(({ name }) => name).join(", ")} (${index})`, () =>
          assert.deepEqual(foundOf(judged(rule, stack, own.section)), []));
      }
      for (const mutation of own.mutations) {
        const where = mutation.finds.map(({ container, field }) => [container, field].filter(Boolean).join(" ")).join("; ");
        it(`finds ${mutation.by}: ${where}`, () => {
          const stack = mutated(own, mutation);
          const verdicts = judged(rule, stack, own.section);
          assert.deepEqual(
            foundOf(verdicts),
            mutation.finds.map((found) => ({ resource: stack[0]!.name, ...found })),
          );
          for (const verdict of verdicts) {
            const message = messageOf(verdict);
            for (const part of [id, verdict.field, verdict.container, verdict.tenant]) assert.ok(message.includes(part ?? ""), message);
            assert.ok(!message.includes("hunter2"), "a secret is repeated");
          }
        });
      }
    });
  }
});

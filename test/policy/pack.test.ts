import { strict as assert } from "node:assert";
import { RULES } from "../../policy/rules";

describe("policy pack", () => {
  it("has one rule of each name", () => {
    const names = RULES.map(({ id }) => id);
    assert.deepEqual(names, [...new Set(names)]);
  });

  for (const { id, reason, remedy, source } of RULES) {
    it(`${id} says why, what to do, and who says so`, () => {
      for (const sentence of [reason, remedy]) assert.match(sentence, /^\w.{20,}\.$/);
      assert.ok(source.length > 0);
    });
  }
});

import { strict as assert } from "node:assert";
import { RULES, type RuleId } from "../../policy/rules";
import { judged, messageOf } from "./case";
import { CASES } from "./cases";
import { holesIn } from "./holes";

describe("objects that say little", () => {
  for (const rule of RULES) {
    it(`can be read by ${rule.id}`, () => {
      const { valid, section } = CASES[rule.id as RuleId];
      const unread: string[] = [];
      for (const [hole, stack] of holesIn(structuredClone(valid))) {
        for (const verdict of judged(rule, stack, section)) {
          if (verdict.field === "something") unread.push(`without ${hole}: ${messageOf(verdict)}`);
        }
      }
      assert.deepEqual(unread, []);
    });
  }
});

import { strict as assert } from "node:assert";
import { plannedStack, type Exports } from "../../planned";
import { messageOf } from "../../policy/judge";
import { PolicySection } from "../../policy/options";
import { RULES } from "../../policy/rules";
import { PolicySettings } from "../../policy/settings";
import { stacksOf } from "../../sandbox/stack";
import { judged } from "../policy/case";
import { sectionOf, stacksInOrder } from "../support/planned-stack";

describe("the stacks of this repository", function () {
  this.timeout("60s"); // all of them are planned whole
  const exported: Exports = new Map();

  for (const stack of stacksInOrder(stacksOf("."))) {
    it(`${stack} holds every rule that is mandatory there`, async () => {
      const planned = await plannedStack(stack, exported);
      const section = PolicySection.parse(sectionOf(stack));
      const settings = new PolicySettings(section);
      const broken = RULES.filter((rule) => settings.levelOf(rule) === "mandatory").flatMap((rule) => judged(rule, planned, section));
      assert.deepEqual(broken.map(messageOf), []);
    });
  }
});

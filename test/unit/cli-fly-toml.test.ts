import { strict as assert } from "node:assert";
import { flyToml } from "../../cli/commands/fly-toml";

describe("stackyard fly-toml", () => {
  for (const [what, stack, says] of [
    ["a stack that there is not", "nowhere", /there is no stack "nowhere" here; stacks are .*fly/],
    [
      "a stack whose dotdo is on no Fly Machines",
      "dev",
      /stack "dev" runs on no Fly Machines[^]*--stack dev --path 'stackyard:dotdo\.fly\.enabled' true/,
    ],
  ] as const) {
    it(`refuses ${what}`, () => assert.rejects(flyToml.parseAsync([stack], { from: "user" }), { message: says }));
  }
});

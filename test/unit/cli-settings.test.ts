import { Command } from "commander";
import { strict as assert } from "node:assert";
import { UserError } from "../../cli/errors";
import { setOption, type Setting } from "../../cli/settings";

const parsed = (...args: string[]) =>
  new Command().addOption(setOption()).exitOverride().parse(args, { from: "user" }).opts<{ set: Setting[] }>().set;

describe("stackyard up --set", () => {
  it("takes several settings, each by its whole key, and none by default", () => {
    assert.deepEqual(parsed(), []);
    assert.deepEqual(parsed("--set", "stackyard:starter.api.image=r/a:1", "--set", "stackyard:starter.api.env.URL=https://a/?b=c"), [
      { key: "stackyard:starter.api.image", value: "r/a:1" },
      { key: "stackyard:starter.api.env.URL", value: "https://a/?b=c" },
    ]);
  });

  for (const [kind, given, says] of [
    ["a secret", "stackyard:secrets.turso=hunter2", /pulumi config set --secret --path 'stackyard:secrets\.turso'/],
    ["the key of another package", "pulumi:tags=hunter2", /"pulumi:tags"[^]*--set stackyard:starter\.api\.image=/],
    ["no value", "stackyard:starter.api.image", /<key>=<value>/],
  ] as const) {
    it(`refuses ${kind}, says what to type, and repeats no value`, () => {
      assert.throws(
        () => parsed("--set", given),
        (error: unknown) => {
          assert.ok(error instanceof UserError);
          const said = [error.message, ...error.remedy].join("\n");
          return says.test(said) && !said.includes("hunter2");
        },
      );
    });
  }
});

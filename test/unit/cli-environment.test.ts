import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { stacksOfEnvironment } from "../../cli/environment";
import { UserError } from "../../cli/errors";
import { valueAt } from "../../config/commands";
import { REFERENCES } from "../../config/references";

type Configs = Record<string, Record<string, unknown>>;

const orderOf = (name: string, configs: Configs) => stacksOfEnvironment(name, Object.keys(configs), (stack) => configs[stack] ?? {});
const standsOn = (platformStack: string) => ({ "stackyard:platformStack": platformStack });

/** What a refusal says, with what it says to type. */
function refusalOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof UserError) return [error.message, ...error.remedy].join("\n");
    throw error;
  }
  return assert.fail("nothing was refused");
}

describe("the stacks of an environment", () => {
  it("are the one of its name and those whose names begin with it and a dash", () => {
    assert.deepEqual(orderOf("prod", { dev: {}, prod: {}, "prod-plinko": {}, produce: {}, "pre-prod": {} }), ["prod", "prod-plinko"]);
    assert.deepEqual(orderOf("fly", { "fly-eu": {}, dev: {} }), ["fly-eu"]);
  });

  it("come after those that they read, by whatever form of their names", () => {
    const readers = {
      prod: standsOn("prod-platform"),
      "prod-a": standsOn("organization/stackyard/prod-b"),
      "prod-b": standsOn("stackyard/prod-platform"),
    };
    assert.deepEqual(orderOf("prod", { ...readers, "prod-platform": {} }), ["prod-platform", "prod", "prod-b", "prod-a"]);
  });

  it("are not joined by what they read beyond the environment", () => {
    const configs = { fly: standsOn("organization/other/fly-b"), "fly-b": standsOn("prod"), prod: standsOn("fly") };
    assert.deepEqual(orderOf("fly", configs), ["fly", "fly-b"]);
  });

  it("are refused by name where they read each other in a circle, and where one reads itself", () => {
    const said = refusalOf(() => orderOf("prod", { prod: standsOn("prod-a"), "prod-a": standsOn("prod-b"), "prod-b": standsOn("prod-a") }));
    assert.match(said, /: prod-a reads prod-b reads prod-a\. Nothing was changed/);
    assert.match(said, /\$EDITOR Pulumi\.prod-b\.yaml/);
    assert.match(
      refusalOf(() => orderOf("prod", { prod: standsOn("prod") })),
      /: prod reads prod\./,
    );
  });

  it("are refused where there are none, with those that there are", () => {
    const said = refusalOf(() => orderOf("staging", { dev: {}, prod: {} }));
    assert.match(said, /no stack of an environment "staging" here; stacks are dev, prod/);
    assert.match(said, /\$EDITOR Pulumi\.staging\.yaml/);
  });

  it("are found to read others where the config has a place for it", () => {
    const schema = JSON.parse(readFileSync("config/schema.json", "utf8")) as unknown;
    for (const path of REFERENCES) {
      const at = ["properties", "config", ...path.flatMap((step) => ["properties", step])];
      assert.ok(valueAt(schema, at), `config/schema.json has no ${path.join(".")}`);
    }
  });
});

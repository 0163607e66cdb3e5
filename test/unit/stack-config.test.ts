import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { configIn } from "../../sandbox/stack";

describe("what the command reads of a stack's config", () => {
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), "stackyard-"))));
  after(() => rmSync(folder, { recursive: true }));

  function read(own: object, shared: object = {}) {
    const [stack, project] = ["Pulumi.trial.yaml", "Pulumi.yaml"].map((name) => join(folder, name)) as [string, string];
    writeFileSync(stack, stringify({ config: own }));
    writeFileSync(project, stringify({ name: "stackyard", config: shared }));
    return configIn(stack, project);
  }

  it("is protected as `pulumi config set stackyard:protected true` writes it, too", () => {
    for (const written of [true, "true"]) assert.equal(read({ "stackyard:protected": written })["stackyard:protected"], true);
    assert.equal(read({ "stackyard:protected": "false" })["stackyard:protected"], false);
  });

  for (const [how, shared] of [
    ["under its full key", { "stackyard:protected": true }],
    ["under the project's own key", { protected: true }],
    ["under `value`", { "stackyard:protected": { value: true } }],
    ["under `default`", { protected: { type: "boolean", default: true } }],
  ] as const) {
    it(`has what all stacks share, which stands ${how}`, () => {
      assert.equal(read({}, shared)["stackyard:protected"], true);
      assert.equal(read({ "stackyard:protected": false }, shared)["stackyard:protected"], false);
    });
  }

  it("has names and sections as they stand", () => {
    const section = { context: "kind-dev", uid: "0f8fad5b" };
    const config = read({ "stackyard:platformStack": "prod-platform", "stackyard:cluster": section });
    assert.deepEqual(config, { "stackyard:platformStack": "prod-platform", "stackyard:cluster": section });
  });
});

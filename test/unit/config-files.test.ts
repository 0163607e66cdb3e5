import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { checkFile, Refusal } from "../../config";
import { givenInFiles } from "../../config/given";

const CLUSTER = { context: "kind-dev", uid: "0f8fad5b-d9cb-469f-a165-70867728950e" };
const stack = (dotdo: object | null, rest: object = {}) => ({
  "stackyard:layers": ["dotdo"],
  "stackyard:cluster": CLUSTER,
  "stackyard:dotdo": dotdo,
  ...rest,
});
const secrets = { "stackyard:secrets": { turso: { secure: "v1:c2VjcmV0" } } };

describe("a stack's config that is checked without a run", () => {
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), "stackyard-"))));
  after(() => rmSync(folder, { recursive: true }));

  const write = (config: object, name = "Pulumi.trial.yaml") => {
    const file = join(folder, name);
    writeFileSync(file, stringify({ config }));
    return file;
  };
  const refusalOf = (config: object): string => {
    try {
      checkFile("trial", write(config));
    } catch (error) {
      if (error instanceof Refusal) return error.message;
      throw error;
    }
    return "";
  };

  it("is taken when it is right, with secrets that are encrypted", () => {
    assert.equal(refusalOf(stack({ image: { tag: "1.2.3" }, secrets: { tursoToken: "turso" } }, secrets)), "");
  });

  it("is read as the engine reads it, which makes values of the text of a key", () => {
    assert.equal(refusalOf({ "stackyard:layers": "[]", "stackyard:cluster": CLUSTER, "stackyard:protected": "true" }), "");
  });

  for (const [what, config, says] of [
    ["values that are wrong", stack({ image: { tag: "1.2.3" }, service: { port: 70000 } }), /dotdo\.service\.port\n {2}70000 is no port/],
    ["a section that is lost", stack(null), /stackyard:dotdo\n {2}is missing, and stackyard:layers names "dotdo"/],
    [
      "a secret in clear",
      stack({ image: { tag: "1.2.3" } }, { "stackyard:secrets": { turso: "hunter2" } }),
      /secrets\.turso\n {2}stands in clear/,
    ],
    [
      "a secret in a section",
      stack({ image: { tag: "1.2.3" }, env: { A: { secure: "v1:aHVudGVyMg==" } } }),
      /env\.A\n {2}holds an encrypted/,
    ],
    ["a secret that is named and not there", stack({ image: { tag: "1.2.3" }, secrets: { tursoToken: "redis" } }, secrets), /it has turso/],
  ] as const) {
    it(`is refused as a run refuses it: ${what}`, () => {
      const said = refusalOf(config);
      assert.match(said, /^the config of stack "trial" has 1 error; nothing was changed\. Mend Pulumi\.trial\.yaml/);
      assert.match(said, says);
      assert.doesNotMatch(said, /hunter2|aHVudGVyMg/);
    });
  }

  it("has what all stacks share, unless its own file says it", () => {
    const shared = { "stackyard:protected": { value: true }, "stackyard:layers": { value: ["plinko"] }, "pulumi:tags": { value: {} } };
    const { values } = givenInFiles(write(stack({})), write(shared, "Pulumi.yaml"));
    assert.equal(values["protected"], true);
    assert.deepEqual(values["layers"], ["dotdo"]);
    assert.deepEqual(Object.keys(values).sort(), ["cluster", "dotdo", "layers", "protected"]);
    const declared = { protected: { type: "boolean", default: true } };
    assert.equal(givenInFiles(write(stack({})), write(declared, "Pulumi.yaml")).values["protected"], true);
  });
});

import { strict as assert } from "node:assert";
import { startPack, type Analyzer } from "../support/analyzer";
import { drop, unknown, withField } from "../policy/case";
import { autoscaler, configMap, deployment } from "../policy/cases/fixtures";

const image = "spec.template.spec.containers[0].image";
const said = (diagnostics: Awaited<ReturnType<Analyzer["analyze"]>>, rule: string) =>
  diagnostics.filter(({ message }) => message.includes(`${rule}: `)).map(({ level, message }) => `${level}: ${message.split("\n").at(-1)}`);

describe("the pack's process", function () {
  this.timeout("1m");
  const policy = {
    rules: { "image-pinned": "advisory", "dotdo-scaling": { values: { max: 5 } } },
    exceptions: [
      { rule: "no-secret-in-config-map", resource: "settings", reason: "its vendor reads no Secret", until: "2099-12-31" },
      { rule: "own-namespace", resource: "nowhere", reason: "to see what is said", until: "2099-12-31" },
    ],
  };
  let pack: Awaited<ReturnType<typeof startPack>>;
  before(async () => (pack = await startPack({ "stackyard:policy": policy })));
  after(() => pack.close());

  it("has the levels, values and exceptions of the stack's config", async () => {
    const advice = 'spec.template.spec.containers[0].image is "a", and has to name a version. Name a tag that is never moved, or a digest.';
    assert.deepEqual(said(await pack.analyze(withField(deployment(), image, "a")), "image-pinned"), [
      `advisory: image-pinned: Deployment example/api, container "api": ${advice}`,
    ]);
    const dotdo = autoscaler("dotdo", ["stackyard:dotdo:Dotdo"]);
    assert.match(
      said(await pack.analyze(dotdo), "dotdo-scaling").join(),
      /^mandatory: .*spec\.maxReplicas is 10, and has to be at most 5\./,
    );
    const open = withField(configMap(), "data.TOKEN", "hunter2");
    assert.deepEqual(said(await pack.analyze(open), "no-secret-in-config-map"), []);
    const other = await pack.analyze({ ...open, name: "others" });
    assert.match(said(other, "no-secret-in-config-map").join(), /^mandatory: .*data\.TOKEN is in clear/);
    assert.ok(!JSON.stringify(other).includes("hunter2"));
  });

  it("says what it could not judge yet, by name", async () => {
    const [only = "", ...others] = said(await pack.analyze(withField(deployment(), image, unknown)), "image-pinned");
    assert.match(
      only,
      /^advisory: can't run policy 'objects-advice'.*: image-pinned: Deployment example\/api: .* is not known before the update: not judged yet\.$/,
    );
    assert.deepEqual(others, []);
  });

  it("judges the whole stack at its end by what was planned, and names exceptions that let nothing through", async () => {
    const stack = [autoscaler(), deployment()];
    for (const fixture of stack) await pack.analyze(fixture);
    drop("spec.replicas", 1)(stack); // what the engine has then are outputs
    const diagnostics = await pack.analyzeStack(stack);
    assert.match(said(diagnostics, "one-scaler").join(), /^mandatory: .*whose spec\.replicas is 2/);
    const [unused = "", ...others] = said(diagnostics, "unused-exception");
    assert.match(unused, /^advisory: .*own-namespace for "nowhere" lets nothing through/);
    assert.deepEqual(others, []);
  });

  it("has all rules at their own levels where the section is wrong, which the program refuses", async () => {
    const wrong = await startPack({ "stackyard:policy": { rules: { "image-pinned": "advisory", nothing: "advisory" } } });
    try {
      assert.match(said(await wrong.analyze(withField(deployment(), image, "a")), "image-pinned").join(), /^mandatory: /);
    } finally {
      await wrong.close();
    }
  });
});

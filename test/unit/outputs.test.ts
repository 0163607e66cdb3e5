import * as pulumi from "@pulumi/pulumi";
import { strict as assert } from "node:assert";
import { outputsOf, type Reference } from "../../outputs";
import { exportsOf } from "../../stacks/outputs";
import { valueOf } from "./components/engine";

const cluster = { context: "prod", uid: "uid" };
const dotdo = { url: "http://dotdo.dotdo.svc:8787", hosts: [], namespace: "dotdo", service: "dotdo", headlessService: "headless" };
const secrets = { dotdo: { tursoToken: "hunter2" } };

/** A stack that exports these, some of them as secrets. */
const referenceTo = (values: Record<string, unknown>, secret: string[] = ["secrets"]): Reference => ({
  name: pulumi.output("organization/stackyard/prod"),
  getOutputDetails: async (name) => (secret.includes(name) ? { secretValue: values[name] } : { value: values[name] }),
});
const refusal = (reading: Promise<unknown>): Promise<string> =>
  reading.then(
    () => assert.fail("nothing was refused"),
    (error: Error) => error.message,
  );

describe("outputs of another stack", () => {
  it("come with each secret as a secret Output, and all else plain", async () => {
    const { dotdo: plain, secrets: hidden } = await outputsOf(referenceTo({ cluster, dotdo, secrets, kept: [] }), ["dotdo", "secrets"]);
    assert.equal(plain.url, dotdo.url);
    const token = hidden.dotdo?.tursoToken ?? assert.fail("there is no token");
    assert.equal(await pulumi.isSecret(token), true);
    assert.equal(await valueOf(token), "hunter2");
    assert.equal(hidden.dotdo?.apiKey, undefined);
  });

  it("may be of a stack that shares nothing", async () => {
    assert.equal((await outputsOf(referenceTo({ cluster, dotdo, kept: [] }), ["dotdo"])).secrets, undefined);
  });

  for (const [what, reference, says] of [
    ["a secret that stands in clear", referenceTo({ cluster, secrets, kept: [] }, []), /secrets: stands in clear, and has to be secret/],
    ["a plain one that is secret", referenceTo({ cluster: "hunter2", kept: [] }, ["cluster"]), /cluster: is secret/],
    [
      "a secret of another form",
      referenceTo({ cluster, secrets: { dotdo: { tursoToken: ["hunter2"] } }, kept: [] }),
      /secrets\.dotdo\.tursoToken: /,
    ],
    [
      "a secret that was renamed",
      referenceTo({ cluster, secrets: { dotdo: { token: "hunter2" } }, kept: [] }),
      /secrets\.dotdo: .*"token"/,
    ],
    ["secrets that are asked for and missing", referenceTo({ cluster, kept: [] }), /secrets: is missing/],
  ] as const) {
    it(`are refused for ${what}, and no value is repeated`, async () => {
      const said = await refusal(outputsOf(reference, ["secrets"]));
      assert.match(said, says);
      assert.match(said, /stack "organization\/stackyard\/prod" does not export/);
      assert.doesNotMatch(said, /hunter2/);
    });
  }
});

describe("outputs of this stack", () => {
  const all = (values: pulumi.Inputs) => exportsOf({ cluster, kept: [], ...values });

  it("have each secret by itself as a secret", async () => {
    const { tursoToken } = (all({ secrets }).secrets as unknown as { dotdo: { tursoToken: pulumi.Output<string> } }).dotdo;
    assert.equal(await pulumi.isSecret(tursoToken), true);
    assert.equal(await valueOf(tursoToken), "hunter2");
  });

  it("are refused with a secret where the contract has none", async () => {
    const output = pulumi.output(all({ dotdo: { ...dotdo, service: pulumi.secret("hunter2") } }).dotdo);
    const said = await refusal((output as unknown as { promise: () => Promise<unknown> }).promise());
    assert.match(said, /dotdo has a secret in it/);
    assert.doesNotMatch(said, /hunter2/);
  });
});

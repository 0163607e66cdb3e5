import * as pulumi from "@pulumi/pulumi";
import { strict as assert } from "node:assert";
import { handOver } from "../../stacks/layer";

/** Whether what waits for the engine had its turn before the planning went on. */
async function handsOver(preview: boolean): Promise<boolean> {
  pulumi.runtime.setMocks(
    { newResource: ({ inputs }) => ({ id: "", state: inputs as object }), call: () => ({}) },
    "stackyard",
    "test",
    preview,
  );
  let sent = false;
  const sending = setImmediate(() => (sent = true));
  await handOver();
  clearImmediate(sending);
  return sent;
}

describe("a plan", () => {
  it("goes to the engine piece by piece in a preview", async () => assert.equal(await handsOver(true), true));
  it("goes to the engine at once in an update, which a failure of the planning stops as a whole", async () =>
    assert.equal(await handsOver(false), false));
});

import { strict as assert } from "node:assert";
import { nextIn } from "../../../cli/commands/tenants/change";

describe("what is to be typed next for a tenant", () => {
  const dev = { stack: "dev", sandbox: "default" };
  const of = (more: object, line = "npx stackyard tenants show ann") => nextIn({ ...dev, ...more }, line);

  it("names the service that was meant, but where it is the one that is meant of itself", () => {
    assert.equal(of({}), "npx stackyard tenants show ann");
    assert.equal(of({ sandbox: "trial" }), "npx stackyard tenants show ann --sandbox trial");
    assert.equal(of({ stack: "prod", cluster: "eu" }), "npx stackyard tenants show ann --stack prod --cluster eu");
  });

  it("keeps what a line says beside its command, and leaves other commands alone", () => {
    const line = "npx stackyard tenants resume ann   # takes it back";
    assert.equal(of({ cluster: "eu" }, line), "npx stackyard tenants resume ann --cluster eu   # takes it back");
    assert.equal(of({ cluster: "eu" }, "kill 1   # as npx stackyard tenants list"), "kill 1   # as npx stackyard tenants list");
  });
});

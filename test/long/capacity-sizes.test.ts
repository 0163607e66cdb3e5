import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { withSizes } from "../support/sizes";

describe("the page of capacity", function () {
  this.timeout("5m"); // six plans, and helm may be built first

  it("has the three sizes of seed 002 as they are now (npm run sizes)", async () => {
    const page = readFileSync("docs/capacity.md", "utf8");
    assert.equal(await withSizes(page, readFileSync("docs/vultr.md", "utf8")), page);
  });
});

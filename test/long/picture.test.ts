import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { printed, stackyard } from "../support/stackyard";

describe("the picture on the front page", function () {
  this.timeout("2m"); // the first run builds the command line

  it("is stack dev as it is now (npm run picture)", async () => {
    const ended = await stackyard(["graph", "dev"]);
    assert.equal(ended.exitCode, 0, printed(ended));
    assert.equal(ended.stdout, readFileSync("docs/dev.svg", "utf8").trimEnd());
    assert.ok(readFileSync("README.md", "utf8").includes("](docs/dev.svg)"));
  });
});

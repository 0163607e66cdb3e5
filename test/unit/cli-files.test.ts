import { strict as assert } from "node:assert";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UserError } from "../../cli/errors";
import { checkReadable, checkWritable } from "../../cli/files";

describe("files that a command is to write or read", () => {
  const folder = mkdtempSync(join(tmpdir(), "stackyard-files-"));
  const file = join(folder, "here.svg");
  before(() => writeFileSync(file, ""));
  after(() => rmSync(folder, { recursive: true }));

  const refused = (message: RegExp, ...remedy: string[]) => {
    return (error: unknown) => {
      assert.ok(error instanceof UserError);
      assert.match(error.message, message);
      assert.deepEqual(error.remedy, remedy);
      return true;
    };
  };

  it("are looked at before there is anything to write, and not made", () => {
    checkWritable("--output", file);
    checkWritable("--output", join(folder, "new.svg"));
    checkWritable("--output", "new.svg");
    assert.deepEqual(readdirSync(folder), ["here.svg"]);
  });

  it("name the folder that is missing, and how to make it", () => {
    const none = join(folder, "none");
    assert.throws(
      () => checkWritable("--junit", join(none, "x.xml")),
      refused(/^--junit is .*x\.xml, .*no folder .*none$/, `mkdir -p ${none}`),
    );
    assert.throws(() => checkWritable("--junit", join(file, "x.xml")), refused(/no folder .*here\.svg$/));
  });

  it("are no folders, and are there to be read", () => {
    assert.throws(() => checkWritable("--output", folder), refused(/^--output takes a file, and .* is a folder$/));
    assert.throws(() => checkReadable("--plans", folder), refused(/^--plans takes a file, and .* is a folder$/));
    checkReadable("--plans", file);
    const none = join(folder, "none");
    assert.throws(() => checkReadable("--plans", none), refused(/^--plans is .*none, which cannot be read: ENOENT$/, `ls -l ${none}`));
  });
});

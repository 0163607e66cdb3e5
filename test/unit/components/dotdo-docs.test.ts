import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { LibSqlOptions, MinIOOptions, RedisOptions } from "../../../components/backing/options";
import { DotdoOptions } from "../../../components/dotdo/options";
import { hashKeyMap } from "../../../components/dotdo/routing";
import { at } from "./engine";

const page = readFileSync(join(__dirname, "../../../docs/systems/dotdo.md"), "utf8");

/** `path | default | description` of each option that has no options of its own. */
function rowsOf(schema: unknown, path = ""): string[] {
  return Object.entries((at(schema, "properties") ?? {}) as Record<string, unknown>).flatMap(([key, option]) => {
    const inner = rowsOf(option, `${path}${key}.`);
    if (inner.length > 0) return inner;
    const value = at(option, "default");
    const shown = value === undefined ? "" : `\`${JSON.stringify(value)}\``;
    return [`| \`${path}${key}\` | ${shown} | ${String(at(option, "description"))} |`];
  });
}

const withoutPadding = (text: string) => text.replace(/ +\|/g, " |").replace(/\| +/g, "| ");

describe("docs/systems/dotdo.md", () => {
  for (const [name, schema] of Object.entries({ dotdo: DotdoOptions, LibSql: LibSqlOptions, MinIO: MinIOOptions, Redis: RedisOptions })) {
    it(`has a row for each option of ${name}, with its default`, () => {
      const missing = rowsOf(z.toJSONSchema(schema, { io: "input" })).filter((row) => !withoutPadding(page).includes(withoutPadding(row)));
      assert.deepEqual(missing, [], `rows that the page lacks:\n${missing.join("\n")}`);
    });
  }

  it("shows the map that the routing is tested with", () => {
    assert.ok(page.replace(/^ +/gm, "").includes(hashKeyMap().replace(/^ +/gm, "")));
  });
});

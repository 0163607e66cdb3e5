import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { commandsOf, PAGES } from "../support/pages";
import * as shell from "../support/shown-blocks";
import * as ours from "../support/shown-commands";
import { NOT_HERE, ON_A_PLATFORM, ON_DEV } from "../support/shown-shell";

/** Of a test of the sandbox, which runs what pages show. */
const sourceOf = (test: string) => readFileSync(join(__dirname, "../sandbox", test), "utf8");

describe("the commands that the pages show", () => {
  it("are all known, as run by a test of the sandbox, and nothing else is", () => {
    const shown = [...new Set(PAGES.flatMap(commandsOf))].sort();
    assert.deepEqual([...ours.HERE, ...Object.values(ours.ELSEWHERE).flat()].sort(), shown);
  });

  for (const [test, lines] of Object.entries(ours.ELSEWHERE)) {
    it(`have each of their words in ${test}.test.ts: ${lines.join(", ")}`, () => {
      const text = sourceOf(`${test}.test.ts`);
      for (const line of lines) {
        const missing = ours.wordsOf(line).filter((word) => !new RegExp(`["'\`\\s]${word}["'\`\\s,=]`).test(text));
        assert.deepEqual(missing, [], line);
      }
    });
  }

  it("are all known where a shell takes them: as run by a test of the sandbox, or as what cannot be run there", () => {
    const listed = [...Object.keys(ON_DEV), ...Object.keys(ON_A_PLATFORM), ...shell.OWN];
    const excused = shell.shown.flatMap(({ text }) => shell.linesOf(text)).filter((line) => !shell.isHere(line));
    assert.deepEqual([...new Set([...shell.lines, ...excused])].sort(), [...listed, ...Object.keys(NOT_HERE)].sort());
    const counted = [shell.HERE, ...Object.values(shell.ELSEWHERE)].flatMap((parts) =>
      parts.map(([page, heading, count]) => `${page}, ${heading}: ${count}`),
    );
    const parts = shell.blocks.map(({ page, heading }) => `${page}, ${heading}`);
    const found = [...new Set(parts)].map((part) => `${part}: ${parts.filter((one) => one === part).length}`);
    assert.deepEqual(found.sort(), counted.sort());
  });

  for (const [test, parts] of Object.entries(shell.ELSEWHERE)) {
    it(`are taken from their pages by ${test}`, () => {
      const text = sourceOf(test);
      for (const [page, heading, , word = `"${heading}"`] of parts) {
        assert.ok(text.includes(word), `${page}: ${word}`);
        if (word !== "setting(page)")
          assert.ok(text.includes(`"${page}"`) || text.includes(`"${shell.stem(page)}"`) || text.includes(`/${shell.stem(page)}"`), page);
      }
    });
  }
});

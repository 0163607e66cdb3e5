import type { Command } from "commander";
import { strict as assert } from "node:assert";
import { existsSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { program } from "../../cli/program";
import { commandsOf, PAGES, textOf } from "../support/pages";

const root = join(__dirname, "../..");

/** @throws Error where the command line would not take it */
function parse(command: Command, words: readonly string[]): void {
  const inner = command.commands.find((one) => one.name() === words[0]);
  if (inner !== undefined) return parse(inner, words.slice(1));
  const { operands, unknown } = command.parseOptions([...words]);
  assert.deepEqual(unknown, [], `${command.name()} has no such option`);
  const { registeredArguments: taken } = command;
  assert.ok(taken.at(-1)?.variadic === true || operands.length <= taken.length, `${command.name()} takes no ${operands.join(" ")}`);
  for (const [index, argument] of taken.entries()) {
    const given = operands[index];
    assert.ok(given !== undefined || !argument.required, `${command.name()} needs <${argument.name()}>`);
    if (given !== undefined && given !== "word" && argument.argChoices) assert.ok(argument.argChoices.includes(given), given);
  }
}

/** Anchors of a page's headings, as Markdown makes them. */
const anchorsOf = (page: string): Set<string> =>
  new Set(
    [...textOf(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
      heading
        .toLowerCase()
        .replace(/[^\p{Letter}\p{Number}\s_-]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );

const linksOf = (page: string): { file: string; anchor?: string }[] =>
  [...textOf(page).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, to = ""]) => to)
    .filter((to) => !/^[a-z]+:/.test(to))
    .map((to) => {
      const [path = "", anchor] = to.split("#");
      const file = path === "" ? page : relative(root, resolve(root, dirname(page), path));
      return { file, ...(anchor !== undefined && { anchor }) };
    });

describe("the pages", () => {
  for (const page of PAGES) {
    it(`${page}: each command is one that the command line takes`, () => {
      for (const line of commandsOf(page)) {
        assert.doesNotThrow(() => parse(program, line.replace(/<[\w ]+>/g, "word").split(/\s+/)), `npx stackyard ${line}`);
      }
    });

    it(`${page}: each link leads to a file, and to a heading of it`, () => {
      for (const { file, anchor } of linksOf(page)) {
        assert.ok(existsSync(join(root, file)), `${file} of ${page}`);
        if (anchor !== undefined && file.endsWith(".md")) assert.ok(anchorsOf(file).has(anchor), `${file}#${anchor} of ${page}`);
      }
    });
  }

  it("say commands at all", () => assert.ok(PAGES.flatMap(commandsOf).length > 50));

  it("are all reached from the README", () => {
    const reached = new Set<string>();
    const go = (page: string): void => {
      if (reached.has(page)) return;
      reached.add(page);
      for (const { file } of linksOf(page)) if (PAGES.includes(file)) go(file);
    };
    go("README.md");
    assert.deepEqual(
      PAGES.filter((page) => !reached.has(page)),
      [],
    );
  });
});

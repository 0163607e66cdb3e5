import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(__dirname, "../..");

/** Paths of the README and of each page, from the root. */
export const PAGES = [
  "README.md",
  ...readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".md"))
    .map((file) => join("docs", file)),
];
export const textOf = (page: string) => readFileSync(join(root, page), "utf8");

/** What a page says to type after `npx stackyard`, without what a shell does with it; `<user>` stands for a word of whoever types it. */
export const commandsOf = (page: string): string[] =>
  [...textOf(page).matchAll(/npx stackyard ([^`\n]*)/g)]
    .map(([, line = ""]) =>
      line
        .replace(/\s+#.*$|\s+[|<>] .*$|\)".*$|\s*(,|\.|:)?$|\\$| says more:$/g, "")
        .replace(/\[[^\]]*\]?/g, "")
        .trim(),
    )
    .filter((line) => line !== "" && line !== "…");

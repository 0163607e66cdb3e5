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

/** What a page says to type after `npx stackyard`, or after `npm run` for the same, without what a shell does with it; `<user>` stands for a word of whoever types it. */
export const commandsOf = (page: string): string[] =>
  [...textOf(page).matchAll(/npx stackyard ([^`\n]*)|npm run ((?:up|down|preview)\b[^`\n]*)/g)]
    .map(([, line, script = ""]) =>
      (line ?? script.replace(" -- ", " "))
        .replace(/\s+#.*$|\s+[|<>] .*$|\)".*$|\s*(,|\.|:)?$|\\$| says more:$/g, "")
        .replace(/\[[^\]]*\]?/g, "")
        .trim(),
    )
    .filter((line) => line !== "" && line !== "…");

/** A command that a page has typed into a shell, or a block of them. */
export interface Shell {
  readonly page: string;
  /** Of the part that it stands in. */
  readonly heading: string;
  readonly kind: "block" | "line";
  readonly text: string;
}

const PROGRAMS = "aws|crontab|curl|fly|helm|helmfile|kubectl|npm|pg_dump|psql|pulumi|velero";
const TYPED = new RegExp(`^(?:\\w+=\\S+ )*(?:${PROGRAMS}) `);
/** Of runbooks, where `kubectl` and the namespace go without saying. */
const SHORT = /^(?:delete|describe|get|logs|rollout) \S/;
/** What `commandsOf` has. */
const OURS = /^(?:npx stackyard [^|]*|npm run (?:up|down|preview)\b.*)$/;

const isTyped = (block: string) => block.split("\n").some((line) => TYPED.test(line) || OURS.test(line));

/**
 * What a page says to type into a shell: each block as it stands, and each code in its text that is a command with arguments. Without what `commandsOf` has, and without
 * what was measured, where commands are names.
 */
export function shellOf(page: string): Shell[] {
  const found: Shell[] = [];
  const text = textOf(page).replace(/<!-- bench: written by[^]*?<!-- bench: end -->/g, "");
  let heading = "";
  const add = (kind: Shell["kind"], typed: string) => {
    const command = typed.trim();
    if (!command.split("\n").every((line) => OURS.test(line))) found.push({ page, heading, kind, text: command });
  };
  const block = (typed: string, isShell: boolean) => {
    if (isShell) add("block", typed);
    else for (const [, line = ""] of typed.matchAll(/^ *\$ (.*)$/gm)) if (TYPED.test(line)) add("line", line);
  };
  const parts =
    /^#+ (?<title>.*)$|^(?<indent> *)```(?<language>\w*)\n(?<fenced>[^]*?)^ *```$|(?<=\n\n)(?<indented>(?: {4}.*\n+)+)|`(?<code>[^`]+)`/gm;
  for (const { groups: { title, indent = "", language = "", fenced, indented, code } = {} } of text.matchAll(parts)) {
    if (title !== undefined) heading = title;
    if (fenced !== undefined) block(fenced.replaceAll(new RegExp(`^${indent}`, "gm"), ""), /^(?:sh|crontab)$/.test(language));
    if (indented !== undefined) block(indented.replaceAll(/^ {4}/gm, ""), isTyped(indented.replaceAll(/^ {4}/gm, "")));
    const line = code?.replaceAll(/\s+/g, " ") ?? "";
    const isWhole = TYPED.test(line) && line.split(" ").length > 2;
    if (isWhole || (page.includes("runbooks/") && SHORT.test(line))) add("line", line);
  }
  return found;
}

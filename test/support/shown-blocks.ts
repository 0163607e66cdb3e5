import { PAGES, shellOf } from "./pages";
import { NOT_HERE } from "./shown-shell";

/** Blocks of a part of a page: how many there are, and a word by which a test takes them from the page, where that is not the heading. */
type Blocks = readonly [page: string, heading: string, blocks: number, word?: string];

/** Blocks that `shown-commands.test.ts` types. */
export const HERE: readonly Blocks[] = [
  ["README.md", "With your own Pulumi and cluster", 1],
  ["docs/configuration.md", "Binding a stack to its cluster", 1],
  ["docs/configuration.md", "Secrets", 1],
  ["docs/configuration.md", "Registries", 1],
  ["docs/deployers.md", "Giving the role", 1],
  ["docs/deployers.md", "In CI", 1],
  ["docs/fly.md", "What to type", 1],
  ["docs/systems/fluxiondb.md", "In a stack", 2],
  ["docs/systems/platform.md", "The edge", 1],
  ["docs/tenants-api.md", "The tenants' HTTP API", 1],
];
/** Blocks that other tests of the sandbox take from the pages, and type. */
export const ELSEWHERE: Readonly<Record<string, readonly Blocks[]>> = {
  "backups.test.ts": [
    ["docs/runbooks/fluxiondb.md", "Restore beside what there is", 5],
    ["docs/runbooks/fluxiondb.md", "Restore in place", 4],
  ],
  "drift.test.ts": [["docs/operations.md", "Drift", 3]],
  "platform.test.ts": [["docs/runbooks/platform.md", "Loki's volume", 1]],
  "runbooks.test.ts": [
    ["docs/runbooks/dotdo.md", "Runbook: dotdo", 1, "setting(page)"],
    ["docs/runbooks/fluxiondb.md", "Runbook: FluxionDB", 1, "setting(page)"],
    ["docs/runbooks/plinko.md", "Runbook: Plinko PIR", 1, "setting(page)"],
    ["docs/runbooks/starter.md", "Runbook: SaaS starter", 1, "setting(page)"],
    ...["dotdo", "fluxiondb", "plinko", "starter", "platform"].map((page) => [`docs/runbooks/${page}.md`, "Symptoms", 1] as const),
    ["docs/runbooks/fluxiondb.md", "Backups", 2],
    ["docs/runbooks/plinko.md", "Backups", 1],
    ["docs/runbooks/platform.md", "Backups", 1],
    ["docs/runbooks/plinko.md", "Restore into a new claim", 4],
    ["docs/runbooks/platform.md", "State", 1],
    ["docs/runbooks/platform.md", "The cluster is gone", 3],
  ],
  "splitting.test.ts": [
    ["docs/splitting.md", "A stack a system", 1, "docs/splitting.md"],
    ["docs/splitting.md", "1. A stack and a file for each system", 1, "docs/splitting.md"],
    ["docs/splitting.md", "2. What is deployed", 1, "docs/splitting.md"],
    ["docs/splitting.md", "3. Nothing has changed", 1, "docs/splitting.md"],
  ],
  "tenants-fleet.test.ts": [
    ["docs/tenants.md", "A registry that was lost", 1],
    ["docs/tenants.md", "Data that Velero restored", 1],
  ],
  "vultr.test.ts": [["docs/vultr.md", "Before the first `up`", 1, "docs/vultr.md"]],
};
/** Lines that `shown-commands.test.ts` runs in a project of its own. */
export const OWN = ["npm run schema", "npm run policies", "pulumi stack rm --force --preserve-config"];

export const stem = (page: string) => page.replace(/^.*\/|\.md$/g, "");
const isShort = (text: string) => /^(?:delete|describe|get|logs|rollout) /.test(text);
export const isHere = (line: string) => !(line in NOT_HERE);
/** The lines of a block, each of them whole, without what they say beside their commands. */
export const linesOf = (block: string) =>
  block
    .replace(/\s*\\\n\s*/g, " ")
    .split("\n")
    .map((line) => line.replace(/(^|\s+)# .*$/, ""));

export const shown = PAGES.flatMap(shellOf);
export const blocks = shown.filter(({ kind, text }) => kind === "block" && linesOf(text).some(isHere));
const typed = blocks.flatMap(({ text }) => linesOf(text));
/** Commands that stand outside of a block, and in none of them either. */
export const lines = shown
  .filter(({ kind, text }) => kind === "line" && (isShort(text) || !typed.some((line) => line.includes(text))))
  .map(({ page, text }) => (isShort(text) ? `${stem(page)}: ${text}` : text));

import { strict as assert } from "node:assert";
import { execa } from "execa";
import { stackyard } from "./stackyard";

/** What `stackyard verify` says of one object by one row. */
export interface Said {
  readonly check: string;
  readonly source: readonly string[];
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  readonly status: "passed" | "failed" | "skipped";
  readonly found: string;
  readonly next?: string;
}

/** Looks at a stack once, or until it is green. */
export async function verified(stack: string, on: readonly string[], ...more: string[]): Promise<{ exitCode?: number; said: Said[] }> {
  const { stdout, stderr, exitCode } = await stackyard(["verify", stack, ...on, "--json", ...more]);
  assert.match(String(stdout), /^\[/, String(stderr));
  return { exitCode, said: JSON.parse(String(stdout)) as Said[] };
}

/** `<row> <kind> <namespace>/<name>`, by which tests name what is red. */
export const lineOf = ({ check, kind, namespace, name }: Said): string => `${check} ${kind} ${[namespace, name].filter(Boolean).join("/")}`;

/** What of a stack is red: a line to what was found, with what to type next. */
export async function redOf(stack: string, on: readonly string[]): Promise<Map<string, string>> {
  const { said, exitCode } = await verified(stack, on);
  const red = said.filter(({ status }) => status === "failed");
  assert.equal(exitCode, red.length > 0 ? 1 : 0);
  return new Map(red.map((line) => [lineOf(line), `${line.found} → ${line.next}`]));
}

/** One way of breaking a cluster, and the line that says it. */
export interface Break {
  readonly way: string;
  readonly run: () => Promise<unknown>;
  /** The line, and what it says. */
  readonly line: readonly [line: string, found: RegExp];
  /** What it takes with it. */
  readonly along?: readonly string[];
}

/** Waits until the lines that are red are those that breaks name, and no other; then looks at what each says. */
export async function reddened(breaks: readonly Break[], stack: string, on: readonly string[], until: Until): Promise<void> {
  const expected = breaks.flatMap(({ line: [line], along = [] }) => [line, ...along]).sort();
  let red = new Map<string, string>();
  const same = async () => {
    red = await redOf(stack, on);
    return JSON.stringify([...red.keys()].sort()) === JSON.stringify(expected);
  };
  await until("what was broken is red, and nothing else", same, 120).catch(() => assert.deepEqual([...red.keys()].sort(), expected));
  for (const { way, line } of breaks) assert.match(red.get(line[0]) ?? "", line[1], way);
}

type Until = (what: string, holds: () => Promise<boolean>, seconds?: number) => Promise<void>;

/** kubectl on a cluster. */
export const kubectlOn =
  (env: Readonly<Record<string, string>>) =>
  async (...args: string[]): Promise<string> =>
    (await execa("kubectl", args, { env })).stdout;

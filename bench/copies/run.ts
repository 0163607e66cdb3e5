import { execa } from "execa";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { signal } from "../../cli/interrupt";
import { step } from "../../cli/steps";
import { open } from "../../sandbox";
import { reset } from "../../sandbox/cluster";
import { checkout } from "../../sandbox/paths";
import { openStack } from "../../sandbox/stack";
import { assertUp, clear, snapshot } from "../cluster";
import { machineNow } from "../machine";
import { measure, type Measurement } from "../measure";
import { kindsOf, objectsIn } from "../objects";
import { broughtUp } from "../stack";
import { PROCESSES } from "../subjects";
import { versionsOf } from "../versions";
import { writeResults } from "../write";
import { copyNames, writeConfigs, writePeers, writeShards } from "./files";
import { ensure } from "./programs";
import { plotOf } from "./plot";
import type { Measured, SizeResults } from "./results";
import { RUNS, SHARD, subjectsOf, TIMES, type Run, type Subject } from "./subjects";
import { COMMAND, PLOT, QUOTES } from "./tables";

const SANDBOX = "bench-copies";
const STACK = "dev";
/** Room for every copy, whatever their number. */
const NODES = { cpu: "64", memory: "512Gi" };
const root = checkout();

type Env = Readonly<Record<string, string>>;

export interface Wanted {
  /** @default 1, 10 and 100 */
  readonly copies?: readonly number[];
  /** Of each number of copies; the last counts for those that follow. @default 3, 3 and 1 */
  readonly rounds?: readonly number[];
}

/** Measures ours and its peers with more and more copies of one system, and writes that down. */
export async function benchCopies({ copies = [1, 10, 100], rounds = [3, 3, 1] }: Wanted): Promise<void> {
  const machine = machineNow();
  await reset(SANDBOX); // what a run that was cut off has left
  const folder = mkdtempSync(join(tmpdir(), "stackyard-bench-"));
  const folders = [folder];
  try {
    const sandbox = await open(SANDBOX, step, { clients: true, nodes: NODES, signal });
    const { helmfile } = await step("helmfile", (say) => ensure(["helmfile"], say, signal));
    // kubectl and helm keep what they learn of the API there, warm as in daily use
    const env: Env = { ...(await openStack(sandbox, root, STACK)), KUBECACHEDIR: join(sandbox.dir, "kubectl") };
    const one = writeConfigs(env["PULUMI_OPTION_CONFIG_FILE"] ?? "", copyNames(1), folder);
    const state = await step("Objects of one copy", () => broughtUp({ ...env, PULUMI_OPTION_CONFIG_FILE: one.config }));
    const objects = objectsIn(state);
    const versions = { ...(await versionsOf(sandbox, env)), helmfile: helmfile.version };
    const date = new Date().toISOString().slice(0, 10);
    const sizes: SizeResults[] = [];
    for (const [place, count] of copies.entries()) {
      const names = copyNames(count);
      const places = {
        ...writeConfigs(env["PULUMI_OPTION_CONFIG_FILE"] ?? "", names, folder),
        shards: writeShards(env["PULUMI_OPTION_CONFIG_FILE"] ?? "", names, SHARD, folder),
        ...writePeers(objects, names, folder),
        helmfile: helmfile.path,
      };
      folders.push(places.objects, places.changedObjects);
      const subjects = subjectsOf(places);
      const kinds = Object.fromEntries(Object.entries(kindsOf(objects)).map(([kind, each]) => [kind, each * count]));
      if (sizes.length === 0) await remove(subjects[0]!, kinds, env);
      sizes.push(await ofSize(count, subjects, kinds, rounds[place] ?? rounds.at(-1) ?? 1, sizes.length === 0, env));
      // what is cut off at a large number has written the smaller ones
      const results = { date, machine, versions, sizes };
      writeFileSync(join(root, PLOT), await plotOf(results));
      await writeResults("copies", results, QUOTES, COMMAND);
    }
  } finally {
    for (const each of folders) rmSync(each, { recursive: true, force: true });
    await reset(SANDBOX);
  }
}

type Kinds = Readonly<Record<string, number>>;

async function ofSize(
  copies: number,
  subjects: readonly Subject[],
  kinds: Kinds,
  rounds: number,
  warms: boolean,
  env: Env,
): Promise<SizeResults> {
  const taken = new Map(subjects.map((subject) => [subject, [] as Once[]]));
  // one round more in the beginning warms caches, and is not counted
  for (let round = warms ? 0 : 1; round <= rounds; round++) {
    for (const [subject, counted] of taken) {
      const title = `${copies} copies, round ${round} of ${rounds}: ${subject.title}`;
      const once = await step(title, (say) => onceOf(subject, kinds, say, env));
      if (round > 0) counted.push(once);
    }
  }
  const runsOf = (counted: readonly Once[]): Measured["runs"] =>
    Object.fromEntries(
      RUNS.flatMap((run) => {
        const measured = counted.flatMap((once) => once[run] ?? []);
        return measured.length > 0 ? [[run, measured] as const] : [];
      }),
    );
  return {
    copies,
    objects: kinds,
    subjects: [...taken].map(([{ name, title, side }, counted]) => ({ name, title, side, runs: runsOf(counted) })),
  };
}

type Once = Partial<Record<Run, Measurement[]>>;

/** Up from nothing, the same again, and a change; then all is removed. */
async function onceOf(subject: Subject, kinds: Kinds, say: (progress: string) => void, env: Env): Promise<Once> {
  const found: Once = {};
  let uids = "";
  for (const run of RUNS) {
    const script = subject.scripts[run];
    if (script === undefined) continue;
    say(run);
    found[run] = [];
    for (let time = 0; time < TIMES[run]; time++) found[run].push(await measure(script, { cwd: root, env, groups: PROCESSES, signal }));
    const there = await snapshot(Object.keys(kinds), env);
    assertUp(there, kinds);
    if (uids !== "" && there.uids.join() !== uids) throw new Error(`${script}\nhas made objects anew`);
    uids = there.uids.join();
  }
  await remove(subject, kinds, env);
  return found;
}

async function remove({ down }: Subject, kinds: Kinds, env: Env): Promise<void> {
  await execa("bash", ["-euc", down], { cwd: root, env });
  await clear(Object.keys(kinds), env);
}

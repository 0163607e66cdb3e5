import { Command, InvalidArgumentError, Option } from "commander";
import { execa } from "execa";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { fail } from "../cli/errors";
import { interrupted, signal } from "../cli/interrupt";
import { step } from "../cli/steps";
import { open } from "../sandbox";
import { reset } from "../sandbox/cluster";
import { checkout } from "../sandbox/paths";
import { openStack } from "../sandbox/stack";
import { assertUp, clear, snapshot, until } from "./cluster";
import { measure, type Measurement } from "./measure";
import { machineNow } from "./machine";
import { kindsOf, objectsIn, writeObjects, type KubernetesObject } from "./objects";
import { benchCopies } from "./copies/run";
import { benchPolicies } from "./policies/run";
import type { Results } from "./results";
import { broughtUp } from "./stack";
import { OURS, peersOf, PROCESSES, type Subject } from "./subjects";
import { benchTenants } from "./tenants/run";
import { COMMAND, QUOTES } from "./tables";
import { versionsOf } from "./versions";
import { writeResults } from "./write";

const SANDBOX = "bench";
const STACK = "dev";
const root = checkout();

type Env = Readonly<Record<string, string>>;

async function bench(rounds: number): Promise<void> {
  const machine = machineNow();
  await reset(SANDBOX); // what a run that was cut off has left
  let folder = "";
  try {
    const sandbox = await open(SANDBOX, step, { clients: true, signal });
    // kubectl and helm keep what they learn of the API there, warm as in daily use
    const env = { ...(await openStack(sandbox, root, STACK)), KUBECACHEDIR: join(sandbox.dir, "kubectl") };
    const objects = objectsIn(await step("Objects of the stack", () => broughtUp(env)));
    await remove(OURS[0]!, objects, env);
    folder = writeObjects(objects);
    const subjects = [...OURS, ...peersOf(folder)].map((subject) => ({
      ...subject,
      up: [] as Measurement[],
      noop: [] as Measurement[],
      scripts: subject,
    }));
    // the first round warms caches, and is not counted
    for (let round = 0; round <= rounds; round++) {
      for (const { title, scripts, up, noop } of subjects) {
        const measured = await step(`Round ${round} of ${rounds}: ${title}`, () => once(scripts, objects, env));
        if (round > 0) [up, noop].forEach((list, i) => list.push(measured[i]!));
      }
    }
    const results: Results = {
      date: new Date().toISOString().slice(0, 10),
      stack: STACK,
      machine,
      versions: await versionsOf(sandbox, env),
      objects: kindsOf(objects),
      subjects: subjects.map(({ name, title, side, up, noop }) => ({ name, title, side, up, noop })),
    };
    await writeResults(STACK, results, QUOTES, COMMAND);
  } finally {
    if (folder) rmSync(folder, { recursive: true, force: true });
    await reset(SANDBOX);
  }
}

/** Up from nothing, and the same again; then all is removed. */
async function once(subject: Subject, objects: readonly KubernetesObject[], env: Env): Promise<[Measurement, Measurement]> {
  const kinds = Object.keys(kindsOf(objects));
  const options = { cwd: root, env, groups: PROCESSES, signal };
  const first = await measure(subject.up, options);
  const there = await snapshot(kinds, env);
  assertUp(there, kindsOf(objects));
  await until("autoscalers have their least replicas", async () => (await snapshot(kinds, env)).settled);

  const second = await measure(subject.noop, options);
  const still = await snapshot(kinds, env);
  assertUp(still, kindsOf(objects));
  if (still.uids.join() !== there.uids.join()) throw new Error(`${subject.noop}\nwith nothing to change has made objects anew`);
  await remove(subject, objects, env);
  return [first, second];
}

async function remove({ down }: Subject, objects: readonly KubernetesObject[], env: Env): Promise<void> {
  await execa("bash", ["-euc", down], { cwd: root, env });
  await clear(Object.keys(kindsOf(objects)), env);
}

function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError(`"${text}" is no count: give a whole number from 1`);
  return value;
}

const counts = (flags: string, description: string, shown: string) =>
  new Option(flags, description).argParser((text, before?: number[]) => [...(before ?? []), count(text)]).default(undefined, shown);

const rounds = () => new Option("--rounds <count>", "how many rounds are counted; one more comes before them").argParser(count).default(5);

new Command("bench")
  .enablePositionalOptions()
  .description("Measures how ours and its peers bring up the same objects on a sandbox of their own; docs/benchmarks.md says how.")
  .addOption(rounds())
  .action(({ rounds }: { rounds: number }) => bench(rounds))
  .addCommand(
    new Command("policies")
      .description("Compares what the policy pack and its peers find in the same manifests, and what that costs.")
      .addOption(rounds())
      .action(({ rounds }: { rounds: number }) => benchPolicies(rounds)),
  )
  .addCommand(
    new Command("tenants")
      .description("Measures tenants of the service beside the same by helm, and sizes of shards.")
      .addOption(new Option("--tenants <count>", "tenants beside helm's").argParser(count).default(200))
      .addOption(new Option("--each <count>", "tenants for each size of a shard").argParser(count).default(50))
      .addOption(counts("--sizes <counts...>", "sizes of a shard", "1 5 10 25 50"))
      .action(benchTenants),
  )
  .addCommand(
    new Command("copies")
      .description("Measures ours and its peers with more and more copies of one system.")
      .addOption(counts("--rounds <counts...>", "how many rounds are counted of each number of copies", "3 3 1"))
      .addOption(counts("--copies <counts...>", "numbers of copies", "1 10 100"))
      .action(benchCopies),
  )
  .parseAsync()
  .catch((error: unknown) => {
    process.exitCode = interrupted() ? 130 : fail(error);
  });

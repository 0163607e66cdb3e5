import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { signal } from "../../cli/interrupt";
import { step } from "../../cli/steps";
import type { Target } from "../../cli/target";
import { TenantsSection } from "../../config/tenants";
import { open } from "../../sandbox";
import { reset } from "../../sandbox/cluster";
import { checkout } from "../../sandbox/paths";
import { openStack } from "../../sandbox/stack";
import { assertUp, snapshot } from "../cluster";
import { machineNow } from "../machine";
import { kindsOf, type KubernetesObject } from "../objects";
import { writeResults } from "../write";
import { runHelm, writeChart } from "./helm";
import { users } from "./orders";
import { objectsOf, runService } from "./ours";
import { shown, type SizeResults } from "./results";
import { COMMAND, QUOTES } from "./tables";

const SANDBOX = "bench-tenants";
const STACK = "dev";
/** Room for every tenant, whatever their number. */
const NODES = { cpu: "64", memory: "512Gi" };
const SIZES = [1, 5, 10, 25, 50];
/** How often one tenant alone, and one change alone, are measured. */
const TIMES = { alone: 5, changes: 3 };
const root = checkout();

export interface Wanted {
  /** Tenants beside helm's. */
  readonly tenants: number;
  /** Tenants for each size of a shard. */
  readonly each: number;
  /** @default 1, 5, 10, 25 and 50 */
  readonly sizes?: readonly number[];
}

/** Measures tenants of the service beside the same by helm, then sizes of shards, and writes both down. */
export async function benchTenants({ tenants, each, sizes: wanted = SIZES }: Wanted): Promise<void> {
  const machine = machineNow();
  const workers = availableParallelism();
  const folder = mkdtempSync(join(tmpdir(), "stackyard-bench-"));
  const bulk = users("many", tenants);
  const alone = users("alone", TIMES.alone);
  const { shardSize } = TenantsSection.parse({});
  try {
    const ours = await onFresh(`${tenants} tenants by the service`, async (target) => {
      const run = await runService({ target, workers, shardSize, bulk, alone, changes: bulk.slice(0, TIMES.changes) }, folder);
      const objects = await objectsOf(bulk[0] ?? "", target);
      await assertAll(objects, [...bulk, ...alone], target);
      return { run, objects };
    });
    const helm = await onFresh(`${tenants} tenants by helm`, async (target) => {
      const chart = writeChart(ours.objects, bulk[0] ?? "", folder);
      const run = await runHelm(chart, { bulk, alone, workers, env: target.env }, folder);
      await assertAll(ours.objects, [...bulk, ...alone], target);
      return run;
    });
    const sizes: SizeResults[] = [];
    for (const size of wanted) {
      const asked = users("many", each);
      const run = await onFresh(`${each} tenants in shards of ${size}`, (target) =>
        runService({ target, workers, shardSize: size, bulk: asked, alone: [], changes: asked.slice(0, TIMES.changes) }, folder),
      );
      sizes.push({ shardSize: size, ...shown(run) });
    }
    const objects = kindsOf(ours.objects);
    const date = new Date().toISOString().slice(0, 10);
    const results = { date, machine, workers, tenants, shardSize, each, objects, ours: shown(ours.run), helm: shown(helm), sizes };
    await writeResults("tenants", results, QUOTES, COMMAND);
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await reset(SANDBOX);
  }
}

/** Does one thing on a sandbox that nothing was done on. */
async function onFresh<T>(title: string, work: (target: Target) => Promise<T>): Promise<T> {
  await reset(SANDBOX);
  const sandbox = await open(SANDBOX, step, { clients: true, nodes: NODES, signal });
  const env = await openStack(sandbox, root, STACK);
  return step(title, () => work({ stack: STACK, sandbox, context: sandbox.cluster.context, env }));
}

/** @throws AssertionError where not every tenant has all that the first one has, ready */
async function assertAll(objects: readonly KubernetesObject[], of: readonly string[], { env }: Target): Promise<void> {
  const wanted = Object.fromEntries(Object.entries(kindsOf(objects)).map(([kind, count]) => [kind, count * of.length]));
  assertUp(await snapshot(Object.keys(wanted), env), wanted);
}

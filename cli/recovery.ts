import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { mayGoOn } from "../engine/processes";
import { UserError } from "./errors";
import { pulumi } from "./pulumi";
import { endSurvivors, runId } from "../engine/survivors";
import type { Target } from "./target";

/**
 * Whether the cluster may hold objects that the stack's state does not know: a run that was cut off leaves such, and so does a
 * destroy that keeps what holds data. Kept as a file beside the state, because a run that is killed can say nothing.
 */
export function unrecorded({ sandbox, stack }: Target) {
  const mark = join(sandbox?.dir ?? "", `${stack}.unrecorded`);
  return {
    possible: () => sandbox !== undefined && existsSync(mark),
    /** Id of the run that may have left some. */
    by: () => (sandbox && existsSync(mark) ? readFileSync(mark, "utf8") : ""),
    begin: () => sandbox && writeFileSync(mark, runId),
    end: () => sandbox && rmSync(mark, { force: true }),
  };
}

interface Lock {
  readonly pid: number;
  readonly hostname: string;
  readonly timestamp: string;
}

/** Frees a stack of the sandbox whose last run was killed, once its holder is proven dead. */
export async function releaseDeadLock(target: Target): Promise<void> {
  if (!target.sandbox) return;
  const folder = join(target.sandbox.dir, "state", ".pulumi", "locks", "organization", "stackyard", target.stack);
  if (!existsSync(folder)) return;
  for (const file of readdirSync(folder).filter((file) => file.endsWith(".json"))) {
    const lock = JSON.parse(readFileSync(join(folder, file), "utf8")) as Lock;
    if (lock.hostname !== hostname() || mayGoOn(lock.pid, "pulumi", new Date(lock.timestamp))) {
      throw new UserError(`stack "${target.stack}" is being changed by process ${lock.pid} on ${lock.hostname} since ${lock.timestamp}`, [
        "wait for it, then run the same command again",
      ]);
    }
    console.error(`  The last run of stack "${target.stack}" (process ${lock.pid}) was killed: its lock is released.`);
    endSurvivors(unrecorded(target).by());
    await pulumi(target, ["cancel", "--yes"]);
    return;
  }
}

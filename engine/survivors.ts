import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";

const NAME = "STACKYARD_RUN";

/** What tells the processes of this run of the command, and theirs, from all others. */
export const RUN = { [NAME]: randomUUID() } as const;

/** The same as text, for the run after one that was killed. */
export const runId: string = RUN[NAME];

/** Processes of a run, whoever their parents are now. */
const survivorsOf = (id: string): number[] => processes().filter((pid) => environmentOf(pid).includes(`${NAME}=${id}`));

/**
 * Ends what Pulumi has started in a run and left when it was killed: program, policy pack and plugins, which would go on changing the cluster.
 * Where the system shows no process's environment (`/proc`), nothing is found.
 */
export function endSurvivors(id: string): void {
  if (id === "") return;
  for (const pid of survivorsOf(id)) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // it has ended meanwhile
    }
  }
}

/** Ends them, and waits until they have ended. */
export async function endedSurvivors(id: string): Promise<void> {
  while (id !== "" && survivorsOf(id).length > 0) {
    endSurvivors(id);
    await setTimeout(50);
  }
}

function processes(): number[] {
  try {
    return readdirSync("/proc").map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}

function environmentOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
  } catch {
    return []; // it is another user's, or has ended meanwhile
  }
}

import { execa } from "execa";
import { once } from "node:events";
import { setTimeout } from "node:timers/promises";
import { processesOf, TICKS, ticksOfChildren, type Memory, type Process } from "./processes";

export interface Measurement {
  /** Seconds from start to end. */
  readonly wall: number;
  /** Seconds of CPU, user and system, of the whole process tree. */
  readonly cpu: number;
  /** Highest sum of memory at one moment: of `all` processes, and of each group of them. In MB (10⁶ bytes). */
  readonly memory: Readonly<Record<string, Memory>>;
}

export interface MeasureOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Processes whose memory is also shown apart: those whose command line matches. */
  readonly groups?: Readonly<Record<string, RegExp>>;
  readonly signal?: AbortSignal;
  /** Milliseconds that processes may go on after the script. @default 10000 */
  readonly grace?: number;
}

/** Milliseconds between two looks at the memory. */
const INTERVAL = 100;

const megabytes = (bytes: number) => Math.round(bytes / 1e6);
const thousandths = (seconds: number) => Math.round(seconds * 1000) / 1000;

/**
 * Runs a bash script and measures it with all the processes that it starts, which end with it. Nothing else that this process
 * starts may run meanwhile.
 *
 * @throws Error with the end of what the script has printed where it ends with another code than 0, or leaves processes
 */
export async function measure(
  script: string,
  { env, cwd, groups = {}, signal, grace = 10_000 }: MeasureOptions = {},
): Promise<Measurement> {
  signal?.throwIfAborted();
  const peaks = peaksOf({ all: /(?:)/, ...groups });
  const last = new Map<number, Process>();
  const before = ticksOfChildren();
  const started = performance.now();
  // a session of its own, by which its processes are told from all others
  const run = execa("bash", ["-euc", script], { detached: true, cleanup: false, reject: false, stdin: "ignore", all: true, env, cwd });
  const session = run.pid;
  if (session === undefined) throw new Error("bash cannot be started");
  const ended = once(run, "exit").then(() => performance.now());
  const stop = () => process.kill(-session, "SIGINT");
  signal?.addEventListener("abort", stop, { once: true });
  let over = false;
  const sampled = (async () => {
    while (!over) {
      const now = processesOf(session);
      now.forEach((process) => last.set(process.pid, process));
      peaks.take(now);
      await setTimeout(INTERVAL);
    }
  })();
  try {
    const wall = (await ended) - started;
    const left = await leftIn(session, grace);
    over = true;
    await sampled;
    const { exitCode, all } = await run;
    signal?.throwIfAborted();
    if (exitCode !== 0) throw new Error(`${script}\nended with ${exitCode}:\n${all.slice(-4000)}`);
    if (left.length > 0) throw new Error(`${script}\nleft processes: ${left.map(({ command }) => command).join(", ")}`);
    // whose parent ended first is waited for by nobody of ours
    const orphans = [...last.values()].filter(({ pid, parent }) => pid !== session && !last.has(parent));
    const ticks = ticksOfChildren() - before + orphans.reduce((sum, { ticks }) => sum + ticks, 0);
    return { wall: thousandths(wall / 1000), cpu: thousandths(ticks / TICKS), memory: peaks.inMegabytes() };
  } finally {
    over = true;
    signal?.removeEventListener("abort", stop);
    for (const { pid } of processesOf(session)) process.kill(pid, "SIGKILL");
  }
}

/** What of a session still runs when it had its time to end, and is killed then. */
async function leftIn(session: number, grace: number): Promise<Process[]> {
  const deadline = Date.now() + grace;
  let left = processesOf(session);
  while (left.length > 0 && Date.now() < deadline) {
    await setTimeout(INTERVAL / 2);
    left = processesOf(session);
  }
  for (const { pid } of left) process.kill(pid, "SIGKILL");
  return left;
}

function peaksOf(groups: Readonly<Record<string, RegExp>>) {
  const peaks = Object.entries(groups).map(([name, pattern]) => ({ name, pattern, pss: 0, rss: 0 }));
  return {
    take: (processes: readonly Process[]) => {
      for (const peak of peaks) {
        const members = processes.filter(({ command }) => peak.pattern.test(command));
        const sum = (of: keyof Memory) => members.reduce((total, process) => total + process[of], 0);
        peak.pss = Math.max(peak.pss, sum("pss"));
        peak.rss = Math.max(peak.rss, sum("rss"));
      }
    },
    inMegabytes: () => Object.fromEntries(peaks.map(({ name, pss, rss }) => [name, { pss: megabytes(pss), rss: megabytes(rss) }] as const)),
  };
}

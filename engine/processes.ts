import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** Milliseconds by which a moment and the start of a process, each told in whole seconds, may differ. */
const SLACK = 2000;

/**
 * Whether the process that had an id at a moment may go on. It does not where that id is another program's now, which was started later: after a
 * reboot, or in a container of the same name. One of which the system does not tell so much may.
 *
 * @param program name of its program
 */
export function mayGoOn(pid: number, program: string, moment: Date): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  const stat = statOf(pid);
  return stat === undefined || (!stat.ended && (stat.program === program || !(stat.start > moment.getTime() + SLACK)));
}

/**
 * What tells a process of this machine from all others that ever had its id: when it was started, since which boot.
 *
 * @returns nothing where there is no such process
 */
export function markOf(pid: number): string | undefined {
  try {
    if (process.platform !== "linux")
      return execFileSync("ps", ["-o", "lstart=", "-p", `${pid}`], { encoding: "utf8", stdio: "pipe" }).trim();
    const stat = statOf(pid);
    if (stat === undefined || stat.ended) return undefined;
    return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()} ${stat.ticks}`;
  } catch {
    return undefined;
  }
}

interface Stat {
  /** Name of its program: what the system keeps of it are 15 characters. */
  readonly program: string;
  /** Whether it has ended, and its parent has not looked yet. */
  readonly ended: boolean;
  /** From boot to its start, a hundred a second wherever Node runs. */
  readonly ticks: string;
  /** Its start in milliseconds since 1970, to a second. */
  readonly start: number;
}

/** Field 22 of `/proc/<pid>/stat`, counted after the name of the program, which may have blanks in it: ticks from boot to the process's start. */
const START_TIME = 19;

/** What Linux says of a process; nothing where there is none, it is hidden, or the system is another. */
function statOf(pid: number): Stat | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const end = stat.lastIndexOf(")");
    const [state = "", ...fields] = stat.slice(end + 2).split(" ");
    const ticks = fields[START_TIME - 1] ?? "";
    const boot = /^btime (\d+)$/m.exec(readFileSync("/proc/stat", "utf8"))?.[1];
    return {
      program: stat.slice(stat.indexOf("(") + 1, end),
      ended: state === "Z" || state === "X",
      ticks,
      start: Number(boot) * 1000 + Number(ticks) * 10,
    };
  } catch {
    return undefined;
  }
}

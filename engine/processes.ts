import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** Whether a process of this machine has not ended. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Field 22 of `/proc/<pid>/stat`, counted after the name of the program, which may have blanks in it: ticks from boot to the process's start. */
const START_TIME = 19;

/**
 * What tells a process of this machine from all others that ever had its id: when it was started, since which boot.
 *
 * @returns nothing where there is no such process
 */
export function markOf(pid: number): string | undefined {
  try {
    if (process.platform !== "linux")
      return execFileSync("ps", ["-o", "lstart=", "-p", `${pid}`], { encoding: "utf8", stdio: "pipe" }).trim();
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const [state, ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (state === "Z" || state === "X") return undefined; // it has ended, and its parent has not looked yet
    return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()} ${fields[START_TIME - 1]}`;
  } catch {
    return undefined;
  }
}

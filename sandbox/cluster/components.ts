import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { isWell } from "./api";
import type { Place, Ports } from "./kwokctl";

/** The components of a control plane, each with where it says that it is well; those later in the list need those before. */
const HEALTH = {
  etcd: (ports: Ports) => `http://127.0.0.1:${ports.etcdPort}/health`,
  "kube-apiserver": (ports: Ports) => `https://127.0.0.1:${ports.kubeApiserverPort}/readyz`,
  "kube-controller-manager": (ports: Ports) => `https://127.0.0.1:${ports.kubeControllerManagerPort}/healthz`,
  "kube-scheduler": (ports: Ports) => `https://127.0.0.1:${ports.kubeSchedulerPort}/healthz`,
  "kwok-controller": (ports: Ports) => `http://127.0.0.1:${ports.kwokControllerPort}/healthz`,
} as const;

export type ComponentName = keyof typeof HEALTH;
export const COMPONENTS = Object.keys(HEALTH) as ComponentName[];

export interface Component {
  readonly name: ComponentName;
  readonly running: boolean;
  readonly pid?: number;
  /** It runs, and says that it is well. */
  readonly healthy: boolean;
}

/** How the components are, now. */
export const inspect = (place: Place, ports: Ports, names: readonly ComponentName[] = COMPONENTS): Promise<Component[]> =>
  Promise.all(
    names.map(async (name) => {
      const pid = await processOf(place, name);
      return { name, running: pid !== undefined, pid, healthy: pid !== undefined && (await isWell(HEALTH[name](ports))) };
    }),
  );

const pidFile = ({ workdir }: Place, name: ComponentName) => join(workdir, "pids", `${name}.pid`);
export const logFile = ({ workdir }: Place, name: ComponentName): string => join(workdir, "logs", `${name}.log`);

/** Process id of a component that runs. */
async function processOf(place: Place, name: ComponentName): Promise<number | undefined> {
  const pid = Number(await readFile(pidFile(place, name), "utf8").catch(() => ""));
  return pid > 0 && commandOf(pid).includes(join(place.workdir, "bin", name)) ? pid : undefined;
}

/** Whether a process has not ended. */
export const lives = (pid: number): boolean => commandOf(pid) !== "";

/** The command line of a process; empty where there is none, also of one that ended and that nobody has waited for. */
function commandOf(pid: number): string {
  try {
    return process.platform === "linux"
      ? readFileSync(`/proc/${pid}/cmdline`, "utf8")
      : execFileSync("ps", ["-ww", "-o", "command=", "-p", `${pid}`], { encoding: "utf8", stdio: "pipe" });
  } catch {
    return "";
  }
}

/**
 * Forgets the process ids of components that died. kwokctl takes any process that has such an id for the component, as after a restart of
 * the machine, and would kill it. The last log is kept beside the one that the next start begins.
 */
export async function forgetDead(place: Place): Promise<void> {
  for (const name of COMPONENTS) {
    if ((await processOf(place, name)) !== undefined) continue;
    const log = logFile(place, name);
    await rm(pidFile(place, name), { force: true });
    await rename(log, log.replace(/log$/, "previous.log")).catch(() => {});
  }
}

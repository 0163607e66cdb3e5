import { cpus, loadavg, totalmem } from "node:os";

/** What measurements were made on. */
export interface Machine {
  readonly cpu: string;
  readonly cpus: number;
  readonly memory: string;
  /** Of the last minute. */
  readonly load: number;
}

export const machineNow = (): Machine => ({
  cpu: cpus()[0]?.model ?? "unknown CPU",
  cpus: cpus().length,
  memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
  load: Math.round(10 * (loadavg()[0] ?? 0)) / 10,
});

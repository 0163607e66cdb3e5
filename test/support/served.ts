import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { openSync, closeSync, readFileSync } from "node:fs";
import { until } from "./stackyard";

/** A command that runs until it is stopped, with all that it prints in a file. */
export class Served {
  private readonly process: ChildProcess;
  private readonly ended: Promise<unknown>;

  constructor(
    args: readonly string[],
    readonly log: string,
    env: Readonly<Record<string, string>>,
  ) {
    const file = openSync(log, "a");
    this.process = spawn("node", ["cli/stackyard.mjs", ...args], { env: { ...process.env, ...env }, stdio: ["ignore", file, file] });
    this.ended = once(this.process, "exit");
    closeSync(file);
  }

  /** Address under which it serves. */
  async url(): Promise<string> {
    const [, url = ""] = await this.wait(/serves (http:[^"]+)"/);
    return url;
  }

  /** @returns its exit code; null where it was killed */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    if (this.process.exitCode === null && this.process.signalCode === null) this.process.kill(signal);
    await this.ended;
    return this.process.exitCode;
  }

  private async wait(what: RegExp): Promise<RegExpExecArray> {
    let match: RegExpExecArray | null = null;
    const said = () => readFileSync(this.log, "utf8");
    const early = this.ended.then(() => {
      throw new Error(`it has ended with ${this.process.exitCode}:\n${said()}`);
    });
    const waited = until(`it says ${what}`, async () => (match = what.exec(said())) !== null, 240);
    await Promise.race([waited, early]);
    return match as unknown as RegExpExecArray;
  }
}

import { execa, type ResultPromise } from "execa";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { stringify } from "yaml";
import { RUN } from "../../engine/survivors";

/** What Pulumi looks for on PATH to run a pack of this runtime: `pulumi-analyzer-policy-<runtime>`. */
const RUNTIME = "stackyard-shared";
const PORT = "STACKYARD_POLICY_PORT";
/** Nobody listens there: a pack is given the address of its engine, which it only writes its log to. */
const NO_ENGINE = "127.0.0.1:1";
/** Runs the pack until it ends, or the pipe to this process does: with the process, however that dies. */
const WITH_US = '{ "$0" "$@"; kill -9 0; } & cat >/dev/null; kill -9 0';

/** What an up is given to be judged by the pack. */
export interface Judged {
  /** Folder of the pack. */
  readonly pack: string;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * The policy pack as one process for all ups of a worker: to start it takes as long as a small up. What Pulumi starts in its place says the port of
 * that process, and waits to be ended. The pack keeps nothing of an up but by URN, so ups of several shards can be judged at once.
 */
export class SharedPack {
  private running: Promise<{ port: string; process: ResultPromise }> | undefined;

  /**
   * @param policies folder of the pack
   * @param folder where what Pulumi starts is written
   * @param env environment of `pulumi`
   */
  constructor(
    private readonly policies: string,
    private readonly folder: string,
    private readonly env: Readonly<Record<string, string>>,
  ) {}

  /** @throws Error with what the pack has said where it does not start */
  async judged(): Promise<Judged> {
    this.running ??= this.start();
    try {
      const { port } = await this.running;
      const path = [this.folder, this.env["PATH"] ?? process.env.PATH ?? ""].join(delimiter);
      return { pack: this.folder, env: { PATH: path, [PORT]: port } };
    } catch (error) {
      this.running = undefined;
      throw error;
    }
  }

  async stop(): Promise<void> {
    const running = await this.running?.catch(() => undefined);
    this.running = undefined;
    if (running === undefined) return;
    end(running.process);
    await running.process;
  }

  private async start() {
    this.write();
    const launched = execa("sh", ["-c", WITH_US, join(this.policies, "launcher", "pulumi-analyzer-policy"), NO_ENGINE, "."], {
      cwd: this.policies,
      env: { ...this.env, ...RUN },
      stdin: "pipe",
      // a group of its own, which ends as a whole; ctrl-C lets the ups end first
      detached: true,
      cleanup: false,
      reject: false,
    });
    process.once("exit", () => end(launched));
    const early = launched.then(({ stderr, shortMessage }) => {
      throw new Error(`the policy pack does not start: ${stderr || shortMessage}`);
    });
    const [port] = (await Promise.race([once(createInterface(launched.stdout), "line"), early])) as [string];
    void early.catch(() => (this.running = undefined)); // the next up starts another
    return { port: port.trim(), process: launched };
  }

  private write(): void {
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    writeFileSync(
      join(this.folder, "PulumiPolicy.yaml"),
      stringify({ runtime: RUNTIME, description: "The policy pack, which runs already" }),
    );
    const launcher = join(this.folder, `pulumi-analyzer-policy-${RUNTIME}`);
    writeFileSync(launcher, `#!/bin/sh\necho "$${PORT}"\nexec sleep 2147483647\n`);
    chmodSync(launcher, 0o700);
  }
}

function end({ pid }: ResultPromise): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // it has ended
  }
}

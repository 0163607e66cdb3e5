import { execa } from "execa";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** What binds `pulumi` to a stack of ours, which is not for a program of somebody else's. */
const OURS = ["PULUMI_STACK", "PULUMI_OPTION_CONFIG_FILE", "PULUMI_OPTION_POLICY_PACK"];

/** The example that reads a stack's outputs, as a project of its own, laid out as `npm install` does. */
export class Consumer {
  private constructor(
    private readonly folder: string,
    private readonly env: Readonly<Record<string, string>>,
  ) {}

  /**
   * @param env of a sandbox
   * @param stack full name of the stack that it reads
   */
  static async of(env: Readonly<Record<string, string>>, stack: string): Promise<Consumer> {
    const folder = mkdtempSync(join(tmpdir(), "stackyard-consumer-"));
    cpSync("examples/consumer", folder, { recursive: true });
    mkdirSync(join(folder, "node_modules"));
    for (const name of ["@pulumi", "tsx"]) symlinkSync(resolve("node_modules", name), join(folder, "node_modules", name));
    symlinkSync(resolve("."), join(folder, "node_modules", "stackyard"));
    const consumer = new Consumer(folder, Object.fromEntries(Object.entries(env).filter(([name]) => !OURS.includes(name))));
    await consumer.pulumi("stack", "init");
    await consumer.pulumi("config", "set", "stack", stack);
    return consumer;
  }

  /** Never rejects, so that a test can look at how it ended. */
  pulumi(...args: string[]) {
    const { folder: cwd, env } = this;
    return execa("pulumi", [...args, "--stack", "app", "--non-interactive", "--color=never"], { cwd, env, reject: false, all: true });
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

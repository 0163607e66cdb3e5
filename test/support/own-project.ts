import { execa } from "execa";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parse, stringify } from "yaml";
import { shippedStacks } from "./shipped";
import type { Config } from "./trial-stack";

const NOT_COPIED = ["node_modules", ".git", ".sandbox", "test", "docs", "bench"];

/** A copy of the project, for a program of somebody's own, with the command, the pack and the packages of this one; its folder has in its name what folders of users may have. */
export class OwnProject {
  readonly folder = mkdtempSync(join(tmpdir(), "stackyard own #é-"));

  constructor() {
    const stacks = ["Pulumi.yaml", ...shippedStacks().map((stack) => `Pulumi.${stack}.yaml`)];
    const others = readdirSync(".").filter((name) => !NOT_COPIED.includes(name) && !name.startsWith("Pulumi."));
    for (const name of [...others, ...stacks]) {
      cpSync(name, join(this.folder, name), { recursive: true, preserveTimestamps: true });
    }
    // what is compiled is each project's own
    const packages = join(this.folder, "node_modules");
    mkdirSync(packages);
    for (const name of readdirSync("node_modules").filter((name) => name !== ".cache")) {
      symlinkSync(resolve("node_modules", name), join(packages, name));
    }
  }

  writeProgram(text: string): void {
    writeFileSync(join(this.folder, "index.ts"), text);
  }

  /** Writes a stack's file: that of the repository, changed. */
  writeStack(stack: string, change: (config: Config) => void): void {
    const file = parse(readFileSync(`Pulumi.${stack}.yaml`, "utf8")) as { config: Config };
    change(file.config);
    writeFileSync(join(this.folder, `Pulumi.${stack}.yaml`), stringify(file));
  }

  /** Runs a program in it; never rejects, so that a test can look at how it ended. */
  run(program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    return execa(program, args, { cwd: this.folder, env, stdin: "ignore", reject: false, all: true });
  }
  stackyard(...args: string[]) {
    return this.run("node", ["cli/stackyard.mjs", ...args]);
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

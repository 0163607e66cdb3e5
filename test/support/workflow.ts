import { execa } from "execa";
import { readFileSync } from "node:fs";
import { parse } from "yaml";

interface Step {
  readonly id?: string;
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
}
interface Job {
  readonly permissions: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}
interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

export const FILE = ".github/workflows/preview.yml";
export const workflow = parse(readFileSync(FILE, "utf8")) as Workflow;

/** Runs what a step of the workflow has under `run`, as a runner does: what its expressions are, comes by the environment. */
export function runStep(job: string, index: number, cwd: string, env: Readonly<Record<string, string>>) {
  const commands = workflow.jobs[job]?.steps.filter(({ run }) => run !== undefined).at(index)?.run ?? "false";
  return execa("bash", ["--noprofile", "--norc", "-eo", "pipefail", "-c", commands], { cwd, env, reject: false, all: true });
}

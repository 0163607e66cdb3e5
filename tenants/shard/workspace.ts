import { automation } from "@pulumi/pulumi";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { PROJECT } from "../names";

/**
 * Stacks that this process has opened, by their working folders. Each run of a program asks `pulumi` for the stack it already has otherwise,
 * and each such question takes as long as a start of it.
 */
const opened = new Map<string, Promise<automation.Stack>>();

/**
 * The stack of a name, made where there is none, with the folder in which it works.
 *
 * @param envVars environment of `pulumi`, of this run and those after it until it is opened again
 */
export async function openStack(
  stackName: string,
  workDir: string,
  program: automation.PulumiFn,
  envVars: Record<string, string>,
): Promise<automation.Stack> {
  const known = opened.get(workDir) ?? create(stackName, workDir, program, envVars);
  opened.set(workDir, known);
  try {
    const stack = await known;
    Object.assign(stack.workspace, { program, envVars });
    return stack;
  } catch (error) {
    opened.delete(workDir);
    throw error;
  }
}

/** Forgets a stack whose run has failed: it may have been removed meanwhile. */
export const forget = (workDir: string): boolean => opened.delete(workDir);

async function create(stackName: string, workDir: string, program: automation.PulumiFn, envVars: Record<string, string>) {
  mkdirSync(workDir, { recursive: true, mode: 0o700 });
  writeFileSync(join(workDir, "Pulumi.yaml"), stringify(PROJECT_FILE));
  const stack = await automation.LocalWorkspace.createOrSelectStack({ stackName, projectName: PROJECT, program }, { workDir, envVars });
  // asked for after each run, in three runs of `pulumi` more; a shard has no outputs, and its registry says what was done when
  stack.outputs = async () => ({});
  stack.info = async () => undefined;
  return stack;
}

const PROJECT_FILE = {
  name: PROJECT,
  runtime: "nodejs",
  // every resource goes to the one provider that is bound to the cluster, never to whatever cluster is current
  config: { "pulumi:disable-default-providers": { value: ["kubernetes"] } },
};

import { Option } from "commander";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { objectsOf, releasesOf, type KubeObject } from "../planned/objects";
import { configIn, stacksOf } from "../sandbox/stack";
import type { Values } from "../planned/resource";
import { rendered } from "./charts";
import { readBy } from "./environment";
import { signal } from "./interrupt";
import { step } from "./steps";
import { knownStack, project } from "./target";

export const chartsOption = () =>
  new Option(
    "--charts <repository>",
    "repository that the platform's charts come from; \"sandbox\": the sandbox's small stand-ins",
  ).default(undefined, "where the stack has them from");

/** A stack, and the objects that it would make, those of its charts among them. */
export interface PlannedStack {
  readonly stack: string;
  readonly objects: readonly KubeObject[];
}

/**
 * What stacks would make, without cluster and engine: on an empty cluster, with every secret a placeholder. Stacks that they read are planned first.
 *
 * @param charts repository of all charts, or `sandbox`
 * @param change what is said over the files of the stacks that are asked for, by the names after `stackyard:`
 * @throws Refusal where an up would be refused
 */
export async function planned(
  stacks: readonly string[],
  charts?: string,
  change: (stack: string, values: Values) => Values = (_stack, values) => values,
): Promise<PlannedStack[]> {
  stacks.forEach(knownStack);
  const all = stacksOf(project);
  const configOf = (stack: string) => configIn(`Pulumi.${stack}.yaml`);
  const inOrder = [...new Set(stacks.flatMap((stack) => [...readBy(stack, all, configOf), stack]))];
  const folder = mkdtempSync(join(tmpdir(), "stackyard-"));
  try {
    const repository = charts === "sandbox" ? await standIns(folder) : charts;
    const { plannedStack } = await import("../planned"); // loads Pulumi
    const exported = new Map<string, Values>();
    const answers: PlannedStack[] = [];
    for (const stack of inOrder) {
      const resources = await step(`Plan of stack "${stack}"`, () =>
        plannedStack(stack, exported, (values) => change(stack, from(repository, values))),
      );
      if (!stacks.includes(stack)) continue;
      answers.push({ stack, objects: [...objectsOf(resources), ...(await rendered(releasesOf(resources)))] });
    }
    return answers;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function standIns(folder: string): Promise<string> {
  const { serveCharts } = await import("../sandbox/charts");
  const { url } = await step("The sandbox's charts", (say) => serveCharts(folder, say, signal));
  return url;
}

/** A stack's values, with another repository of charts where it has a platform. */
const from = (repository: string | undefined, values: Values): Values =>
  repository === undefined || values["platform"] === undefined
    ? values
    : { ...values, platform: { ...(values["platform"] as object), chartRepository: repository } };

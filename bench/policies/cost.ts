import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { plainProperties, type Properties } from "../../sandbox/plugins/values";
import { measure } from "../measure";
import type { KubernetesObject } from "../objects";
import { conftestArguments } from "./judges/conftest";
import { inFolder, yamlOf } from "./judges/judge";
import { kyvernoArguments } from "./judges/kyverno";
import { questionsOf, startPack } from "./pack";
import type { Resource } from "./resources";

type Env = Readonly<Record<string, string>>;

/** Seconds that each took in one round, one after the other. */
export interface Round {
  /** From the start of the pack's process until it says its port. */
  readonly start: number;
  readonly preview: { readonly pack: number; readonly none: number };
  /** From the start of a process until it has judged all of the same objects. */
  readonly judged: { readonly stackyard: number; readonly conftest: number; readonly kyverno: number };
}

export interface Programs {
  readonly conftest: string;
  readonly kyverno: string;
  /** Folder of Kyverno's own policies. */
  readonly policies: string;
}

/** How many objects are judged. */
export const OBJECTS = 2000;

/** As many resources of a stack as there are to be objects: the stack again and again, each time in namespaces of its own. */
export function manyOf(stack: readonly Resource[], count: number): Resource[] {
  const isObject = ({ type }: Resource) => type.startsWith("kubernetes:");
  const frame = stack.filter((resource) => !isObject(resource));
  const objects = stack.filter(isObject);
  const copy = (resource: Resource, number: number): Resource => ({
    ...resource,
    urn: `${resource.urn}-${number}`,
    name: `${resource.name}-${number}`,
    properties: elsewhere(resource.properties, number),
  });
  return [
    ...frame,
    ...Array.from({ length: count }, (_, index) => copy(objects[index % objects.length]!, Math.floor(index / objects.length))),
  ];
}

function elsewhere(properties: Properties, number: number): Properties {
  const { name = "", namespace, ...metadata } = properties.metadata as Properties & { readonly name?: string };
  const own: Properties = typeof namespace === "string" ? { name, namespace: `${namespace}-${number}` } : { name: `${name}-${number}` };
  return { ...properties, metadata: { ...metadata, ...own } };
}

/** One round: of each, what was wanted once. */
export async function round(
  resources: readonly Resource[],
  programs: Programs,
  root: string,
  env: Env,
  signal?: AbortSignal,
): Promise<Round> {
  const wall = async (script: string) => (await measure(script, { cwd: root, env, signal })).wall;
  const none = await wall("env -u PULUMI_OPTION_POLICY_PACK pulumi preview");
  const withPack = await wall("pulumi preview");
  const ours = await judgedByPack(resources);
  const objects = resources
    .filter(({ type }) => type.startsWith("kubernetes:"))
    .map(({ properties }) => plainProperties(properties) as unknown as KubernetesObject);
  return inFolder(async (folder) => {
    const file = join(folder, "objects.yaml");
    writeFileSync(file, yamlOf(objects), { mode: 0o600 });
    const run = (program: string, args: readonly string[]) =>
      wall(`${[program, ...args].join(" ")} >${join(folder, "report")} 2>&1 || test $? = 1`);
    const conftest = await run(programs.conftest, conftestArguments(file));
    const kyverno = await run(programs.kyverno, kyvernoArguments(programs.policies, file));
    return { start: ours.start, preview: { pack: withPack, none }, judged: { stackyard: ours.judged, conftest, kyverno } };
  });
}

async function judgedByPack(resources: readonly Resource[]): Promise<{ start: number; judged: number }> {
  const questions = questionsOf(resources);
  const begin = performance.now();
  const pack = await startPack();
  try {
    await pack.judge(questions);
    return { start: pack.started, judged: (performance.now() - begin) / 1000 };
  } finally {
    await pack.stop();
  }
}

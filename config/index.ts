import * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";
import type { ClusterSection } from "./cluster";
import { commandsFor, keyOf, type Commands } from "./commands";
import { given, givenInFiles, type Given } from "./given";
import { LAYER_NAMES, SECTION_NAMES, type LayerName, type Sections } from "./layers";
import type { Problem } from "./problem";
import { problemsOf } from "./problems";
import { Refusal } from "./refusal";
import { registryProblems, type RegistrySection } from "./registry";
import { report } from "./report";
import { StackSchema } from "./schema";
import { secretProblems } from "./secrets";

export type { ClusterSection } from "./cluster";
export { SET_BY, sharedEnvOf, type DotdoSection } from "./dotdo";
export type { ExternalSecrets } from "./external-secrets";
export { settingsOf, tenantsOf, type FluxionDbSection } from "./fluxiondb";
export { LAYER_NAMES, type LayerName, type Sections } from "./layers";
export type { PlatformSection } from "./platform";
export type { PlinkoSection } from "./plinko";
export { printable, Refusal } from "./refusal";
export type { RegistrySection } from "./registry";
export { secretOf } from "./secrets";
export { givenSection, sectionOf } from "./section";
export { withOwnSecret, type StarterSection } from "./starter";
export { TenantsSection } from "./tenants";

/** What a stack's config asks for, checked, with every default filled in. */
export interface StackConfig {
  readonly stack: string;
  readonly cluster: ClusterSection;
  /** Whether the environment is destroyed only by its name, and the namespaces of dotdo, the starter and the platform are protected. */
  readonly protected: boolean;
  /** The stack whose platform this one stands on, as the config names it. */
  readonly platformStack?: string;
  /** Where the images of all pods come from, where that is not where their makers publish them. */
  readonly registry?: RegistrySection;
  /** The layers that the stack deploys, each with its section. */
  readonly layers: Partial<Sections>;
}

/**
 * Loads and checks the config of the stack that runs. Synchronous: nothing is planned until it has returned.
 *
 * @throws Refusal that names every error at once, each with key, value, what is accepted and the command that mends it
 */
export function load(): StackConfig {
  const stack = pulumi.getStack();
  const commands = commandsFor(stack);
  const found = given(stack);
  const { layers, cluster, protected: isProtected, platformStack, registry, ...sections } = checked(found, stack, commands);
  return {
    stack,
    cluster,
    protected: isProtected,
    platformStack,
    registry,
    layers: Object.fromEntries(layers.map((name) => [name, sections[name]])),
  };
}

/**
 * Checks the config of a stack as `load` does, without a run: nothing else of the stack is asked.
 *
 * @param file path of the `Pulumi.<stack>.yaml` that a run would use
 * @throws Refusal as `load` does
 */
export const checkFile = (stack: string, file: string): void => void checked(givenInFiles(file), stack, commandsFor(stack));

function checked(found: Given, stack: string, commands: Commands): z.output<typeof StackSchema> {
  const hidden = SECTION_NAMES.filter((name) => found.encrypted.has(name)); // their errors would repeat what is encrypted
  const readable = Object.fromEntries(Object.entries(found.values).filter(([name]) => !hidden.some((section) => section === name)));
  const problems = [
    ...mismatches(found, commands),
    ...twoPlatforms(found, commands),
    ...secretProblems(found, commands),
    ...registryProblems(found, LAYER_NAMES, commands),
    ...problemsOf(StackSchema, readable, commands),
  ];
  if (problems.length > 0) throw new Refusal(report(stack, problems));
  return StackSchema.parse(found.values);
}

/** A layer without its section, or a section without its layer: a lost block of YAML never plans a deletion. */
function mismatches({ values }: Given, commands: Commands): Problem[] {
  if (!Array.isArray(values["layers"])) return [];
  const layers: unknown[] = values["layers"];
  const next = keyOf(["layers", layers.length]);
  return LAYER_NAMES.filter((name) => layers.includes(name) !== (values[name] !== undefined)).map((name: LayerName) =>
    layers.includes(name)
      ? {
          key: keyOf([name]),
          reason: `is missing, and stackyard:layers names "${name}": write the section, or take the layer out if all of it is to be deleted`,
          remedies: [commands.edit(`put stackyard:${name} back`), commands.remove(keyOf(["layers", layers.indexOf(name)]))],
        }
      : {
          key: keyOf(["layers"]),
          reason: `does not name "${name}", and there is a section stackyard:${name}: name it, or take the section out if all of it is to be deleted`,
          remedies: [commands.set(next, name), commands.remove(keyOf([name]))],
        },
  );
}

/** A platform is the stack's own, or another's. */
function twoPlatforms({ values }: Given, commands: Commands): Problem[] {
  if (values["platform"] === undefined || values["platformStack"] === undefined) return [];
  const key = keyOf(["platformStack"]);
  return [
    {
      key,
      reason: "is not used beside layer platform, which is this stack's own: leave one of them out",
      remedies: [commands.remove(key)],
    },
  ];
}

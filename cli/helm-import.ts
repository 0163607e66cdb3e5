import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HelmRelease } from "./helm-records";
import { pulumi, stateOf, type ResourceState } from "./pulumi";
import type { Target } from "./target";

export const RELEASE = "kubernetes:helm.sh/v3:Release";

/** One step of a preview, as `pulumi preview --json` writes it. */
export interface Step {
  readonly op: string;
  readonly newState?: ResourceState;
}

/** A release of Helm's as a preview plans it. */
export interface PlannedRelease extends ResourceState {
  /** Components that it is part of, the outermost first. */
  readonly within: readonly ResourceState[];
}

export const releaseOf = ({ inputs: { name = "", namespace = "" } = {} }: ResourceState): HelmRelease => ({ name, namespace });
export const idOf = ({ name, namespace }: HelmRelease): string => `${namespace}/${name}`;

/** Options of the up before releases are imported. */
export const leavingOut = (releases: readonly ResourceState[]): string[] => [
  ...releases.flatMap(({ urn }) => ["--exclude", urn]),
  "--exclude-dependents",
];

/** Components that a planned resource is part of, the outermost first. */
export function componentsOf({ parent }: ResourceState, steps: readonly Step[]): ResourceState[] {
  const component = steps.find(({ newState }) => newState?.urn === parent)?.newState;
  return component?.custom === false && component.parent !== undefined ? [...componentsOf(component, steps), component] : [];
}

/** Has the state know releases that are installed, and the components that they are part of. All else that they depend on is in it. */
export async function importReleases(target: Target, releases: readonly PlannedRelease[]): Promise<void> {
  const { resources = [] } = await stateOf(target);
  const known = new Set(resources.map(({ urn }) => urn));
  const components = new Map(releases.flatMap(({ within }) => within.filter(({ urn }) => !known.has(urn)).map((one) => [one.urn, one])));
  const named = (state: ResourceState) => ({ type: state.type, name: state.urn, logicalName: nameIn(state.urn), parent: state.parent });
  const imported = [
    ...[...components.values()].map((one) => ({
      ...named(one),
      component: true,
      remote: one.provider !== undefined && one.provider !== "",
    })),
    ...releases.map((one) => ({ ...named(one), id: idOf(releaseOf(one)), provider: providerOf(one) })),
  ];
  const folder = mkdtempSync(join(tmpdir(), "stackyard-"));
  try {
    const file = join(folder, "import.json");
    writeFileSync(file, JSON.stringify({ nameTable: Object.fromEntries([...known].map((urn) => [urn, urn])), resources: imported }));
    await pulumi(target, [
      "import",
      "--file",
      file,
      "--yes",
      "--skip-preview",
      "--protect=false",
      "--generate-code=false",
      "--suppress-outputs",
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** URN of its provider, which a plan has as `<urn>::<id>`. */
const providerOf = ({ provider = "" }: ResourceState): string => provider.slice(0, provider.lastIndexOf("::"));

const nameIn = (urn: string): string | undefined => urn.split("::").at(-1);

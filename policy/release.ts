import type { KubernetesObject } from "./object";
import { each } from "./rule";

/** What a chart is asked for, as `helm.v3.Release` has it. */
interface ReleaseProps {
  readonly chart?: string;
  readonly version?: string;
  readonly repositoryOpts?: { readonly repo?: string };
  readonly values?: Readonly<Record<string, unknown>>;
  readonly [option: string]: unknown;
}

/** Inputs of a release; nothing for other objects. With `component`, of the release that is in it only. */
export const releaseOf = (object: KubernetesObject, component?: string): ReleaseProps | undefined =>
  object.isRelease && (component === undefined || object.isPartOf(component)) ? object.props : undefined;

/** Where a chart comes from, in one line: its repository and name, its OCI address, or its path. */
export function sourceOf({ chart = "", repositoryOpts }: Pick<ReleaseProps, "chart" | "repositoryOpts">): string {
  const repository = repositoryOpts?.repo ?? "";
  return repository === "" ? chart : `${repository.replace(/\/$/, "")}/${chart}`;
}

/** Whether a chart is a folder or an archive of the machine that runs Pulumi. */
export const isPath = (source: string): boolean => !source.includes("://");

/** One value of a chart that is no map and no list. */
export interface Leaf {
  /** As in `values.image.tag`. */
  readonly field: string;
  readonly key: string;
  readonly value: unknown;
  /** The map or list that it is in. */
  readonly beside: Readonly<Record<string, unknown>>;
}

/** Every single value. One that is not known yet does not hide the others. */
export function eachLeaf(values: unknown, check: (leaf: Leaf) => void, path = "values"): void {
  if (typeof values !== "object" || values === null) return;
  const beside = values as Readonly<Record<string, unknown>>;
  each(Object.keys(beside), (key) => {
    const value = beside[key];
    const field = Array.isArray(values) ? `${path}[${key}]` : `${path}.${key}`;
    if (typeof value === "object" && value !== null) eachLeaf(value, check, field);
    else check({ field, key, value, beside });
  });
}

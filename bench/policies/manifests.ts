import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import type { KubernetesObject } from "../objects";
import { filesOf, type Peer } from "./programs";
import { resourcesOf, type Resource } from "./resources";

/** Objects that are judged together, by each tool. */
export interface Manifest {
  readonly name: string;
  /** Whose it is. */
  readonly source: Peer | "stackyard";
  readonly objects: readonly KubernetesObject[];
  /** The same as the engine shows them. */
  readonly resources: readonly Resource[];
}

/** Where a peer's own module has manifests that its makers test it with, good and bad: folder, and which files below it. */
const PLACES: Readonly<Record<Peer, Readonly<Record<string, RegExp>>>> = {
  "kube-score": { "score/testdata": /^[^/]+\.yaml$/ },
  conftest: { "examples/kubernetes": /^[^/]+\.yaml$/ },
  kyverno: {
    "test/resources": /\.yaml$/,
    "test/conformance/chainsaw/exceptions": /^exclude-[^/]+\/[^/]*(pod|deployment)[^/]*\.yaml$/,
    "test/conformance/chainsaw/validate/clusterpolicy": /\b(best-practices|psa[\w-]*)\/.*\/?(good|bad|pod|deploy)[^/]*\.yaml$/,
  },
};

/** The manifests of a peer's module, read where Go keeps it; what holds no object of Kubernetes, or the same as another, is left out. */
export async function manifestsOf(peer: Peer, signal?: AbortSignal): Promise<Manifest[]> {
  const root = await filesOf(peer, signal);
  const seen = new Set<string>();
  return Object.entries(PLACES[peer])
    .flatMap(([folder, files]) => filesIn(root, folder).filter((file) => files.test(file.slice(folder.length + 1))))
    .flatMap((file) => {
      const objects = objectsIn(readFileSync(join(root, file), "utf8"));
      const content = JSON.stringify(objects);
      if (objects.length === 0 || seen.has(content)) return [];
      seen.add(content);
      return [{ name: file, source: peer, objects, resources: resourcesOf(objects) }];
    });
}

const filesIn = (root: string, folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .map((file) => join(folder, file))
    .sort();

const isObject = (value: unknown): value is KubernetesObject => {
  const { apiVersion, kind, metadata } = (value ?? {}) as Partial<KubernetesObject>;
  return typeof apiVersion === "string" && typeof kind === "string" && typeof metadata?.name === "string";
};

/** Kinds of the peers themselves, which are policies and no objects that anyone deploys. */
const OWN = /(^|\.)kyverno\.io\/|wgpolicyk8s\.io\//;

/** The objects in a file of YAML documents, those of lists among them. */
export function objectsIn(text: string): KubernetesObject[] {
  const values = parseAllDocuments(text, { version: "1.1" }).map((document) => document.toJS() as { readonly items?: unknown[] } | null);
  return values
    .flatMap((value): readonly unknown[] => value?.items ?? [value])
    .filter(isObject)
    .filter(({ apiVersion }) => !OWN.test(apiVersion));
}

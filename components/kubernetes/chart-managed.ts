import * as z from "zod";

/** Who made what a system has in a cluster: its chart, or this program, object by object. */

const KINDS = {
  Deployment: "/apis/apps/v1",
  StatefulSet: "/apis/apps/v1",
  PersistentVolumeClaim: "/api/v1",
} as const;
type Kind = keyof typeof KINDS;

/** Helm writes it on every object that it makes. */
const RELEASE = "meta.helm.sh/release-name";
/** We write it on what we make beside a release and what is of use to that only. */
const LAYOUT = "stackyard.dev/layout";

/** One system in one namespace. */
export interface Place {
  readonly namespace: string;
  /** Value of the label app.kubernetes.io/name. */
  readonly app: string;
  /** Value of the label app.kubernetes.io/instance. */
  readonly instance: string;
  /** Name of the Helm release. */
  readonly release: string;
}

export interface Managed {
  readonly by: "chart" | "objects";
  /** Kind, namespace and name. */
  readonly object: string;
}

/** Where to look: in one namespace, or in all of them for objects of one name. */
export type Scope = { readonly namespace: string } | { readonly object: string };

/** Requests to the API server whose answers `managedIn` reads, in their order. */
export const managedPaths = (scope: Scope): string[] =>
  Object.entries(KINDS).map(([kind, group]) => {
    const kinds = `${kind.toLowerCase()}s`;
    return "namespace" in scope
      ? `${group}/namespaces/${scope.namespace}/${kinds}`
      : `${group}/${kinds}?fieldSelector=${encodeURIComponent(`metadata.name=${scope.object}`)}`;
  });

const Texts = z.record(z.string(), z.string()).default({});
const List = z.object({
  items: z.array(z.object({ metadata: z.object({ name: z.string(), namespace: z.string(), labels: Texts, annotations: Texts }) })),
});

/** Pods' owners and claims of a system, and who made each. What is neither the chart's nor ours is left out. */
export const managedIn = (answers: readonly unknown[], place: Place): Managed[] =>
  (Object.keys(KINDS) as Kind[]).flatMap((kind, index) =>
    List.parse(answers[index]).items.flatMap(({ metadata: { name, namespace, labels, annotations } }): Managed[] => {
      if (namespace !== place.namespace) return [];
      const object = `${kind} ${namespace}/${name}`;
      if (annotations[RELEASE] !== undefined) return annotations[RELEASE] === place.release ? [{ by: "chart", object }] : [];
      const ours =
        labels["app.kubernetes.io/part-of"] === "stackyard" &&
        labels["app.kubernetes.io/name"] === place.app &&
        labels["app.kubernetes.io/instance"] === place.instance;
      return ours ? [{ by: annotations[LAYOUT] === "chart" ? "chart" : "objects", object }] : [];
    }),
  );

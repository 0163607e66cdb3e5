import type { KubernetesObject } from "./object";

type Labels = Readonly<Record<string, string | undefined>>;
interface Expression {
  readonly key?: string;
  readonly operator?: string;
  readonly values?: readonly string[];
}
/** As in `spec.selector` of a workload. */
export interface Selector {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly Expression[];
}

/** Whether a selector takes labels; an empty one takes all. */
export const selects = ({ matchLabels = {}, matchExpressions = [] }: Selector, labels: Labels): boolean =>
  Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
  matchExpressions.every(({ key = "", operator, values = [] }) => {
    const there = Object.hasOwn(labels, key);
    if (operator === "Exists") return there;
    if (operator === "DoesNotExist") return !there;
    return operator === "NotIn" ? !there || !values.includes(labels[key]!) : there && values.includes(labels[key]!);
  });

/** URNs of what each resource depends on itself, by its own. */
export type Dependencies = ReadonlyMap<string, readonly string[]>;

/** All Kubernetes objects of a stack, found by kind, by namespace, and by namespace and name. Made once for all rules. */
export class StackIndex {
  readonly #byKind = new Map<string, KubernetesObject[]>();
  readonly #byNamespace = new Map<string, KubernetesObject[]>();
  readonly #byName = new Map<string, KubernetesObject>();

  constructor(
    readonly objects: readonly KubernetesObject[],
    private readonly dependencies: Dependencies = new Map(),
  ) {
    for (const object of objects) {
      add(this.#byKind, object.kind, object);
      const namespace = known(() => object.namespace);
      if (namespace !== undefined) add(this.#byNamespace, namespace, object);
      // the name of one that is not known yet is nobody's to find
      const name = known(() => object.metadata.name);
      if (name !== undefined) this.#byName.set(`${object.kind} ${namespace ?? ""}/${name}`, object);
    }
  }

  ofKind(...kinds: readonly string[]): readonly KubernetesObject[] {
    return kinds.length === 1 ? (this.#byKind.get(kinds[0]!) ?? []) : kinds.flatMap((kind) => this.#byKind.get(kind) ?? []);
  }

  /** What lands in a namespace; the namespace itself is none of it. */
  inNamespace(namespace: string | undefined, ...kinds: readonly string[]): readonly KubernetesObject[] {
    return (this.#byNamespace.get(namespace ?? "") ?? []).filter(({ kind }) => kinds.includes(kind));
  }

  /** Whether one is made after another, directly or by what is between them. */
  dependsOn({ urn }: KubernetesObject, on: KubernetesObject): boolean {
    const seen = new Set([urn]);
    // grows while it is walked
    for (const one of seen) for (const other of this.dependencies.get(one) ?? []) seen.add(other);
    return urn !== on.urn && seen.has(on.urn);
  }

  find(kind: string, namespace: string | undefined, name: string): KubernetesObject | undefined {
    return this.#byName.get(`${kind} ${namespace ?? ""}/${name}`);
  }
}

function add(to: Map<string, KubernetesObject[]>, key: string, object: KubernetesObject): void {
  const same = to.get(key);
  if (same === undefined) to.set(key, [object]);
  else same.push(object);
}

function known<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

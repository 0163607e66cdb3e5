import type { KubernetesObject } from "./object";

type Labels = Readonly<Record<string, string>>;
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

/** All Kubernetes objects of a stack, found by kind, and by namespace and name. Made once for all rules. */
export class StackIndex {
  readonly #byKind = new Map<string, KubernetesObject[]>();
  readonly #byName = new Map<string, KubernetesObject>();

  constructor(readonly objects: readonly KubernetesObject[]) {
    for (const object of objects) {
      const same = this.#byKind.get(object.kind);
      if (same === undefined) this.#byKind.set(object.kind, [object]);
      else same.push(object);
      // the name of one that is not known yet is nobody's to find
      const name = known(() => object.metadata.name);
      if (name !== undefined) this.#byName.set(`${object.kind} ${known(() => object.namespace) ?? ""}/${name}`, object);
    }
  }

  ofKind(...kinds: readonly string[]): readonly KubernetesObject[] {
    return kinds.length === 1 ? (this.#byKind.get(kinds[0]!) ?? []) : kinds.flatMap((kind) => this.#byKind.get(kind) ?? []);
  }

  find(kind: string, namespace: string | undefined, name: string): KubernetesObject | undefined {
    return this.#byName.get(`${kind} ${namespace ?? ""}/${name}`);
  }
}

function known<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

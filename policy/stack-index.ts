import type { types } from "@pulumi/kubernetes";
import type { KubernetesObject, Partly } from "./object";
import { isWorkload, podTemplateOf } from "./pods";

type Labels = { readonly [name: string]: string | undefined };
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

type AutoscalerSpec = types.output.autoscaling.v2.HorizontalPodAutoscalerSpec;
/** URNs of what each resource depends on itself, by its own. */
export type Dependencies = ReadonlyMap<string, readonly string[]>;

/** All Kubernetes objects of a stack, found by kind, by namespace, and by name. Made once for all rules. */
export class StackIndex {
  readonly #byKind = new Map<string, KubernetesObject[]>();
  readonly #byPlace = new Map<string, KubernetesObject[]>();
  readonly #byName = new Map<string, KubernetesObject[]>();
  readonly #workloads = new Map<string, KubernetesObject[]>();

  constructor(
    readonly objects: readonly KubernetesObject[],
    private readonly dependencies: Dependencies = new Map(),
  ) {
    for (const object of objects) {
      add(this.#byKind, object.kind, object);
      // where it lands, or its name, that is not known yet is nobody's to find
      const namespace = known(() => ({ is: object.namespace }));
      if (namespace === undefined) continue;
      add(this.#byPlace, place(object.kind, namespace.is), object);
      if (isWorkload(object)) add(this.#workloads, namespace.is ?? "", object);
      const name = known(() => object.metadata.name);
      if (name !== undefined) add(this.#byName, place(object.kind, namespace.is, name), object);
    }
  }

  ofKind(...kinds: readonly string[]): readonly KubernetesObject[] {
    return kinds.length === 1 ? (this.#byKind.get(kinds[0]!) ?? []) : kinds.flatMap((kind) => this.#byKind.get(kind) ?? []);
  }

  /** What lands in a namespace; the namespace itself is none of it. */
  inNamespace(namespace: string | undefined, ...kinds: readonly string[]): readonly KubernetesObject[] {
    return kinds.flatMap((kind) => this.#byPlace.get(place(kind, namespace)) ?? []);
  }

  /** Whether one is made after another, directly or by what is between them. */
  dependsOn({ urn }: KubernetesObject, on: KubernetesObject): boolean {
    const seen = new Set([urn]);
    // grows while it is walked
    for (const one of seen) for (const other of this.dependencies.get(one) ?? []) seen.add(other);
    return urn !== on.urn && seen.has(on.urn);
  }

  find(kind: string, namespace: string | undefined, name: string): KubernetesObject | undefined {
    return this.all(kind, namespace, name)[0];
  }
  /** More than one where two are the same object to the cluster. */
  all(kind: string, namespace: string | undefined, name: string): readonly KubernetesObject[] {
    return this.#byName.get(place(kind, namespace, name)) ?? [];
  }

  /** Whatever makes pods in a namespace. */
  workloadsIn(namespace: string | undefined): readonly KubernetesObject[] {
    return this.#workloads.get(namespace ?? "") ?? [];
  }
  /** Workloads whose pods a selector takes. */
  selected(namespace: string | undefined, selector: Selector): readonly KubernetesObject[] {
    return this.workloadsIn(namespace).filter((workload) => selects(selector, podTemplateOf(workload)?.metadata?.labels ?? {}));
  }
  /** Autoscalers of a workload. */
  scalersOf({ kind, namespace, metadata: { name } }: KubernetesObject): readonly KubernetesObject[] {
    return this.inNamespace(namespace, "HorizontalPodAutoscaler").filter((scaler) => {
      const target: Partly<AutoscalerSpec>["scaleTargetRef"] = scaler.spec<AutoscalerSpec>().scaleTargetRef;
      return target?.kind === kind && target?.name === name;
    });
  }

  /** Whether the stack makes a namespace, so that what is named in it is the stack's to make, too. */
  makes(namespace: string | undefined): boolean {
    return namespace !== undefined && this.find("Namespace", undefined, namespace) !== undefined;
  }
  /** Whether a chart makes objects in a namespace, which nobody sees. */
  hasChart(namespace: string | undefined): boolean {
    return this.inNamespace(namespace, "Release").length > 0;
  }
}

const place = (kind: string, namespace: string | undefined, name = ""): string => `${kind} ${namespace ?? ""}/${name}`;

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

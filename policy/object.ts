import type { types } from "@pulumi/kubernetes";
import * as policy from "@pulumi/policy";

/** Of a value's type, where nothing need be there. */
export type Partly<T> = T extends readonly (infer Item)[]
  ? readonly Partly<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]?: Partly<T[Key]> }
    : T;

export type ObjectMeta = Partly<types.output.meta.v1.ObjectMeta>;
export type PodSpec = Partly<types.output.core.v1.PodSpec>;
export type PodTemplate = { readonly metadata?: ObjectMeta; readonly spec?: PodSpec };
export type Container = Partly<types.output.core.v1.Container>;

/** Reading a value that is not known yet throws this; the pack's own, which its types leave out. */
export const { UnknownValueError, unknownCheckingProxy } = policy as unknown as {
  readonly UnknownValueError: new (sentinel: string, path: readonly string[]) => Error & { readonly props: readonly string[] };
  readonly unknownCheckingProxy: <T extends object>(props: T) => T;
};

/** What Pulumi's proxies stand before, through which reading a value that is not known throws. */
export function unwrapped(props: Record<string, unknown>): Record<string, unknown> {
  let inner = props;
  while (inner["__isSpecialProxy"] === true) inner = inner["__getSpecialProxyTarget"] as Record<string, unknown>;
  return inner;
}

/** How Pulumi has what is not known yet: a UUID for each type. */
const UNKNOWN = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

/** Whether something in a value may be unknown. */
function hasUnknown(value: unknown): boolean {
  if (typeof value === "string") return value.length === 36 && UNKNOWN.test(value);
  if (typeof value !== "object" || value === null) return false;
  for (const key in value) if (hasUnknown((value as Record<string, unknown>)[key])) return true;
  return false;
}

/** Inputs to be read: as they are where all is known, which takes a tenth of what Pulumi's proxies take. */
function readable(props: Record<string, unknown>): Record<string, unknown> {
  const inner = unwrapped(props);
  return hasUnknown(inner) ? props : inner;
}

/** Kinds that live in no namespace, of those that stacks deploy. */
const CLUSTER_WIDE =
  /^(Namespace|PersistentVolume|StorageClass|CustomResourceDefinition|Cluster\w+|PriorityClass|GatewayClass|IngressClass|RuntimeClass|VolumeSnapshotClass|Bundle|\w*Admission\w+|APIService|Node|CSIDriver)$/;

type Resource = Pick<policy.ResourceValidationArgs, "type" | "name" | "urn" | "props" | "provider" | "opts">;

/** A Kubernetes object as the provider will get it. What is not known yet throws when it is read. */
export class KubernetesObject {
  /** As Pulumi names it. */
  readonly name: string;
  readonly urn: string;
  readonly kind: string;
  /** Group and version, as in `apps/v1`; `v1` of the core. */
  readonly apiVersion: string;
  readonly props: Readonly<Record<string, unknown>>;
  /** Types of the components that made it, outermost first. By the URN, which no transform can change; labels it could. */
  readonly components: readonly string[];
  readonly #resource: Resource;

  private constructor(resource: Resource, apiVersion: string, kind: string) {
    this.#resource = resource;
    ({ name: this.name, urn: this.urn } = resource);
    this.apiVersion = apiVersion.replace(/^core\//, "");
    this.kind = kind;
    this.props = readable(resource.props);
    this.components = this.urn.split("::")[2]?.split("$").slice(0, -1) ?? [];
  }

  /** Nothing for what is no Kubernetes object: components, providers, secrets that are made up. */
  static of(resource: Resource): KubernetesObject | undefined {
    const [, apiVersion, kind] = /^kubernetes:([^:]+):(\w+)$/.exec(resource.type) ?? [];
    return apiVersion && kind ? new KubernetesObject(resource, apiVersion, kind) : undefined;
  }

  get opts() {
    return this.#resource.opts;
  }
  get metadata(): ObjectMeta {
    return (this.props["metadata"] as ObjectMeta | undefined) ?? {};
  }
  /** What is under `spec`, by the caller's word for its type. */
  spec<Spec extends object>(): Partly<Spec> {
    return (this.props["spec"] ?? {}) as Partly<Spec>;
  }

  /** Where it lands; nothing for what lives in no namespace. */
  get namespace(): string | undefined {
    const provider = this.#resource.provider?.props as { readonly namespace?: string } | undefined;
    const named = this.isRelease ? (this.props["namespace"] as string | undefined) : this.metadata.namespace;
    return named ?? (CLUSTER_WIDE.test(this.kind) ? undefined : (provider?.namespace ?? "default"));
  }

  /** A chart, installed by `helm.v3.Release`. */
  get isRelease(): boolean {
    return this.apiVersion === "helm.sh/v3";
  }

  isPartOf(...components: readonly string[]): boolean {
    return this.components.some((component) => components.includes(component));
  }

  /** Kind, namespace and name, as in `Deployment dotdo-dev/dotdo`; Pulumi's name where its own is not known yet. */
  get title(): string {
    try {
      const name = this.metadata.name ?? (this.props["name"] as string | undefined) ?? this.name;
      return `${this.kind} ${this.namespace === undefined ? "" : `${this.namespace}/`}${name}`;
    } catch {
      return `${this.kind} "${this.name}"`;
    }
  }
}

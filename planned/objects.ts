import { madeUp, type PlannedResource, type Values } from "./resource";

/** A Kubernetes object as it would be applied. */
export interface KubeObject {
  /** Group and version, as in `apps/v1`; `v1` of the core. */
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** Nothing for what lives in no namespace. */
  readonly namespace?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: Readonly<Values>;
  /** The whole of it. Secrets stand in clear. */
  readonly body: Readonly<Values>;
}

/** A chart that a stack installs: its objects are known once helm has rendered it. */
export interface Release {
  readonly name: string;
  readonly namespace: string;
  /** Of the repository, or an address of its own: `oci://…`. */
  readonly chart: string;
  readonly version: string;
  /** Empty where the chart has an address of its own. */
  readonly repository: string;
  readonly values: Readonly<Values>;
}

type Metadata = { readonly name?: string; readonly namespace?: string; readonly labels?: Record<string, string> };

/**
 * An object of YAML or of a plan.
 *
 * @param name where it has none of its own: Pulumi or Kubernetes makes one
 */
export function objectOf(body: Readonly<Values>, name = ""): KubeObject {
  const metadata = (body["metadata"] ?? {}) as Metadata;
  return {
    apiVersion: body["apiVersion"] as string,
    kind: body["kind"] as string,
    name: metadata.name ?? name,
    namespace: metadata.namespace,
    labels: metadata.labels ?? {},
    spec: (body["spec"] ?? {}) as Values,
    body,
  };
}

/** The objects among the resources of a stack; of charts see `releasesOf`. */
export const objectsOf = (resources: readonly PlannedResource[]): KubeObject[] =>
  resources.flatMap(({ type, name, props }) => {
    const [, apiVersion = "", kind] = /^kubernetes:(?!helm\.sh\/)([^:]+):(\w+)$/.exec(type) ?? [];
    return kind === undefined ? [] : [objectOf({ ...props, apiVersion: apiVersion.replace(/^core\//, ""), kind }, madeUp(name))];
  });

interface ReleaseInputs {
  readonly name: string;
  readonly namespace: string;
  readonly chart: string;
  readonly version: string;
  readonly values?: Values;
  readonly repositoryOpts?: { readonly repo?: string };
}

/** The charts among the resources of a stack, with cert-manager's, whose package has arguments of its own for some of its values. */
export const releasesOf = (resources: readonly PlannedResource[]): Release[] =>
  resources.flatMap(({ type, props }) => {
    if (type === "kubernetes:helm.sh/v3:Release") return [releaseOf(props as unknown as ReleaseInputs)];
    if (type !== "kubernetes-cert-manager:index:CertManager") return [];
    const { helmOptions, ...own } = props as unknown as Values & { readonly helmOptions: ReleaseInputs };
    return [releaseOf({ ...helmOptions, values: { ...own, ...helmOptions.values } })];
  });

const releaseOf = ({ name, namespace, chart, version, values = {}, repositoryOpts = {} }: ReleaseInputs): Release => ({
  name,
  namespace,
  chart,
  version,
  repository: repositoryOpts.repo ?? "",
  values,
});

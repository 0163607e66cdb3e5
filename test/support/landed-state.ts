import { isDeepStrictEqual } from "node:util";
import { prune } from "../../sandbox/plugins/kubernetes/diff";
import type { Properties, Value } from "../../sandbox/plugins/values";

/** What Pulumi keeps of a resource, as `pulumi stack export` writes it. */
export interface Resource {
  readonly urn: string;
  readonly type: string;
  readonly custom: boolean;
  readonly id?: string;
  readonly parent?: string;
  /** URN and id of its provider. */
  readonly provider?: string;
  readonly dependencies?: readonly string[];
  readonly inputs?: Properties;
  /** What the cluster has of the inputs. In a fixture they are left out where they are the same. */
  readonly outputs?: Properties;
}

/** What stands in a fixture for the cluster that it is imported for. */
export const CLUSTER = { uid: "@cluster.uid@", context: "@cluster.context@", kubeconfig: "@cluster.kubeconfig@" };
export type Cluster = Readonly<typeof CLUSTER>;

const FIELD_MANAGER = "__fieldManager";
/** Who is to have written the objects of a fixture. */
export const MANAGER = "pulumi-kubernetes-landed";

/** Of each resource; all else is of the run that made it: when, and from where in the source. */
const KEPT = [
  ...["urn", "type", "custom", "id", "parent", "provider", "dependencies", "additionalSecretOutputs"],
  ...["protect", "retainOnDelete", "ignoreChanges", "customTimeouts", "inputs", "outputs"],
];

/** How Pulumi marks a secret. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const isSecret = (value: unknown): value is { readonly plaintext: string } =>
  typeof value === "object" && value !== null && SIGNATURE in value && "plaintext" in value;
const mapSecret = (value: Value | undefined, change: (value: Value) => Value): Value | undefined =>
  isSecret(value) ? { ...(value as Properties), plaintext: JSON.stringify(change(JSON.parse(value.plaintext) as Value)) } : value;

const nameOf = ({ urn }: Pick<Resource, "urn">) => urn.split("::").at(-1) ?? "";
const isKubernetes = ({ type }: Resource) => type.startsWith("kubernetes:");

/** A change of every text of a state. */
type Replace = (text: string) => string;
const replacing =
  (pairs: readonly (readonly [from: string, to: string])[]): Replace =>
  (text) =>
    pairs.reduce((changed, [from, to]) => changed.replaceAll(from, to), text);

/** Every text in a value, with what is inside of secrets. */
const textsIn = (value: unknown): string[] => {
  if (typeof value === "string") return [value];
  if (isSecret(value)) return textsIn(JSON.parse(value.plaintext));
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
};
/** Every text that is in a secret. */
export const secretTextsIn = (value: unknown): string[] => {
  if (isSecret(value)) return textsIn(value);
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(secretTextsIn) : [];
};

const isPlaceholder = (text: string) => text.includes("landed-") || Buffer.from(text, "base64").toString().includes("landed-");

/**
 * A state as a fixture: what a later program is compared with, and nothing of the run, the cluster or the machine that made it. Each value that
 * was generated is a placeholder, also where another one is derived from it.
 *
 * @param exported resources of a state, with their secrets in clear
 * @throws Error where a secret is left that is no placeholder
 */
export function landedOf(exported: readonly Resource[]): Resource[] {
  const resources = inOrder(exported.map(kept));
  const replace = replacing([...secretsOf(resources), ...namesOf(resources), ...idsOf(resources), ...clusterOf(resources)]);
  const encoded = resources.map((resource) => withData(resource, replace));
  const landed = JSON.parse(replace(JSON.stringify(encoded))) as Resource[];
  for (const resource of landed) {
    if (secretTextsIn(resource).every(isPlaceholder)) continue;
    throw new Error(`${resource.urn} holds a secret that no random resource has made: say in ${__filename} what stands for it`);
  }
  return landed;
}

function kept(resource: Resource): Resource {
  const rest = Object.fromEntries(Object.entries(resource).filter(([key]) => KEPT.includes(key))) as unknown as Resource;
  const { inputs = {}, outputs = {} } = rest;
  if (!rest.custom) return { ...rest, inputs: undefined, outputs: undefined }; // nothing in a cluster is made of them
  if (!isKubernetes(rest)) return rest;
  const asked = { ...inputs, ...(inputs["stringData"] !== undefined && { data: inputs["stringData"] }) };
  const had = prune(outputs, asked) as Properties;
  return { ...rest, outputs: isDeepStrictEqual(had, inputs) ? undefined : had };
}

/** Each after what it needs, and otherwise by name: the engine writes them in the order in which they were done. */
function inOrder(resources: readonly Resource[]): Resource[] {
  const sorted = [...resources].sort((a, b) => (a.urn < b.urn ? -1 : 1));
  const ordered = new Map<string, Resource>();
  const add = (resource: Resource) => {
    if (ordered.has(resource.urn)) return;
    const { parent = "", provider = "", dependencies = [] } = resource;
    for (const other of sorted) {
      if (other.urn === parent || provider.startsWith(`${other.urn}::`) || dependencies.includes(other.urn)) add(other);
    }
    ordered.set(resource.urn, { ...resource, ...(dependencies.length > 0 && { dependencies: [...dependencies].sort() }) });
  };
  sorted.forEach(add);
  return [...ordered.values()];
}

const secretsOf = (resources: readonly Resource[]) =>
  resources
    .filter(({ type }) => type.startsWith("random:"))
    .flatMap((resource) => secretTextsIn(resource.outputs).map((text) => [text, `landed-${nameOf(resource)}`] as const));

/** Names that Pulumi has made end in something random. */
const namesOf = (resources: readonly Resource[]) =>
  resources.flatMap((resource) => {
    const { name, annotations } = (resource.inputs?.["metadata"] ?? {}) as { name?: string; annotations?: Record<string, string> };
    return name !== undefined && annotations?.["pulumi.com/autonamed"] === "true" ? [[name, `${nameOf(resource)}-landed`] as const] : [];
  });

const idsOf = (resources: readonly Resource[]) =>
  resources
    .filter(({ type }) => type.startsWith("pulumi:providers:"))
    .map(({ id = "" }, index) => [id, `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`] as const);

const clusterOf = (resources: readonly Resource[]) =>
  resources
    .filter(({ type }) => type === "pulumi:providers:kubernetes")
    .flatMap(({ inputs }) => [
      [inputs?.["clusterIdentifier"] as string, CLUSTER.uid] as const,
      [inputs?.["kubeconfig"] as string, CLUSTER.kubeconfig] as const,
      [inputs?.["context"] as string, CLUSTER.context] as const,
    ]);

/** The data of a Secret are in base64, in which a text cannot be found. */
function withData(resource: Resource, replace: Replace): Resource {
  if (resource.type !== "kubernetes:core/v1:Secret") return resource;
  const recoded = (value: Value): Value => Buffer.from(replace(Buffer.from(value as string, "base64").toString())).toString("base64");
  const data = mapSecret(resource.outputs?.["data"], (values) =>
    Object.fromEntries(Object.entries(values as Properties).map(([key, value]) => [key, recoded(value)])),
  );
  return { ...resource, outputs: { ...resource.outputs, ...(data !== undefined && { data }) } };
}

/** A fixture as a state of a stack on a cluster, to be imported. */
export function boundTo(landed: readonly Resource[], cluster: Cluster): Resource[] {
  const names = Object.keys(CLUSTER) as (keyof Cluster)[];
  const replace = replacing(names.map((name) => [CLUSTER[name], cluster[name]]));
  return (JSON.parse(replace(JSON.stringify(landed))) as Resource[]).map((resource) =>
    isKubernetes(resource) ? { ...resource, outputs: { ...(resource.outputs ?? resource.inputs), [FIELD_MANAGER]: MANAGER } } : resource,
  );
}

/** The objects that a state's version had in the cluster: namespaces first, which the others are in. */
export const objectsOf = (landed: readonly Resource[]): Properties[] => {
  const objects = landed.filter(isKubernetes).map(({ inputs = {} }) => {
    const clear = Object.entries(inputs).map(([key, value]) => [key, isSecret(value) ? (JSON.parse(value.plaintext) as Value) : value]);
    return Object.fromEntries(clear) as Properties;
  });
  const isNamespace = ({ kind }: Properties) => kind === "Namespace";
  return [...objects.filter(isNamespace), ...objects.filter((object) => !isNamespace(object))];
};

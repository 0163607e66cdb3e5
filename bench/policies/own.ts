import { plainProperties } from "../../sandbox/plugins/values";
import type { KubernetesObject } from "../objects";
import type { Manifest } from "./manifests";
import { changed, MUTATIONS, type Mutation } from "./mutations";
import { resourcesOf, type Resource } from "./resources";

/** Namespaces of stack `dev`, one a system; one tenant of FluxionDB's stands for all. */
const SYSTEMS = ["dotdo-dev", "fluxiondb-alice", "plinko-dev", "starter-dev"];

const objectOf = ({ properties }: Resource) => plainProperties(properties) as unknown as KubernetesObject;
const isObject = ({ type }: Resource) => type.startsWith("kubernetes:");
const namespaceOf = (resource: Resource) => {
  const { kind, metadata } = objectOf(resource);
  return kind === "Namespace" ? metadata.name : metadata.namespace;
};

/** Ours: the objects of each system as stack `dev` has them, and with each mutation. */
export function ownManifests(stack: readonly Resource[]): Manifest[] {
  const good = (of: string) => stack.filter((resource) => !isObject(resource) || namespaceOf(resource) === of);
  return [
    ...SYSTEMS.map((of) => manifest(of, good(of))),
    ...MUTATIONS.map((mutation) => manifest(`${mutation.of}: ${mutation.name}`, mutated(good(mutation.of), mutation))),
  ];
}

const manifest = (name: string, resources: readonly Resource[]): Manifest => ({
  name,
  source: "stackyard",
  objects: resources.filter(isObject).map(objectOf),
  resources,
});

/** @throws RangeError where the stack has no such object, or two: the mutation would show nothing */
function mutated(resources: readonly Resource[], { name, object, changes = {}, added }: Mutation): Resource[] {
  const meant = (resource: Resource) => {
    const { kind, metadata } = isObject(resource) ? objectOf(resource) : { kind: "", metadata: { name: "" } };
    // Pulumi has given some a name of its own, with a random end
    return `${kind} ${metadata.name}` === object || (kind === "ConfigMap" && `${kind} ${metadata.name}`.startsWith(`${object}-`));
  };
  const found = resources.filter(meant);
  if (object !== undefined && found.length !== 1) throw new RangeError(`"${name}": the stack has ${found.length} of ${object}`);
  return [
    ...resources.map((resource) =>
      found.includes(resource) ? { ...resource, properties: changed(resource.properties, changes) } : resource,
    ),
    ...(added ? resourcesOf([added]).filter(isObject) : []),
  ];
}

import type { Deployed } from "./check";

/** The part that is looked at of what Pulumi keeps of a resource. */
export interface Resource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly inputs?: Partial<Deployed["asked"]>;
  readonly outputs?: { readonly resourceNames?: Readonly<Record<string, readonly string[]>> };
}

const SYSTEMS = ["dotdo", "fluxiondb", "plinko", "starter"];
const RELEASE = "kubernetes:helm.sh/v3:Release";

/** Objects that a stack has deployed, by its state: those of Helm releases, too. */
export const deployedIn = (resources: readonly Resource[]): Deployed[] =>
  resources.flatMap((resource) => {
    if (resource.type === RELEASE) return releasedIn(resource);
    const { inputs: asked, id } = resource;
    if (!resource.type.startsWith("kubernetes:") || !asked?.apiVersion || !asked.kind || !id) return [];
    return { system: systemOf(resource), apiVersion: asked.apiVersion, kind: asked.kind, ...placeOf(id), asked };
  });

/** The layers name their resources `<system>-…`; whatever else there is, is the platform's. */
function systemOf({ urn }: Resource): string {
  const name = urn.split("::").at(-1) ?? "";
  return SYSTEMS.find((system) => name === system || name.startsWith(`${system}-`)) ?? "platform";
}

/** Pulumi's id of a Kubernetes object: `<namespace>/<name>`, or its name alone. */
function placeOf(id: string): Pick<Deployed, "namespace" | "name"> {
  const [first = "", second] = id.split("/");
  return second === undefined ? { name: first } : { namespace: first, name: second };
}

/** Objects of a release by Pulumi's list of them: `Deployment.apps/apps/v1`, kind and group before apiVersion, to their ids. */
function releasedIn(release: Resource): Deployed[] {
  const { namespace } = placeOf(release.id ?? "");
  return Object.entries(release.outputs?.resourceNames ?? {}).flatMap(([key, ids]) => {
    const [, kind = "", apiVersion = ""] = /^([^./]+)[^/]*\/(.+)$/.exec(key) ?? [];
    return ids.map((id) => ({ system: systemOf(release), apiVersion, kind, namespace, ...placeOf(id), asked: {} }));
  });
}

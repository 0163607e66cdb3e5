import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";

export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/** What `pulumi stack export --show-secrets` writes. */
export interface Export {
  readonly deployment: { readonly resources: readonly { readonly type: string; readonly inputs?: object }[] };
}

/** Key by which Pulumi's state marks a value that is a secret. */
const SECRET = "4dabf18193072939515e22adb298388d";

/** The objects of Kubernetes that a stack has made, in the order in which it did; secrets are in clear. */
export const objectsIn = ({ deployment }: Export): KubernetesObject[] =>
  deployment.resources
    .filter(({ type }) => type.startsWith("kubernetes:"))
    .map(({ type, inputs }) => {
      const object = plain(inputs) as Partial<KubernetesObject>;
      if (!object.apiVersion || !object.kind || !object.metadata?.name) throw new Error(`${type} is not one object that others can apply`);
      return object as KubernetesObject;
    });

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  if (SECRET in value && "plaintext" in value) return plain(JSON.parse(String(value.plaintext)));
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !key.startsWith("__"))
      .map(([key, inner]) => [key, plain(inner)]),
  );
}

/** How many objects there are of each kind. */
export function kindsOf(objects: readonly Pick<KubernetesObject, "kind">[]): Record<string, number> {
  const kinds: Record<string, number> = {};
  for (const { kind } of [...objects].sort((a, b) => a.kind.localeCompare(b.kind))) kinds[kind] = (kinds[kind] ?? 0) + 1;
  return kinds;
}

/** Which kinds are waited for, and the part of `kubectl`'s command line that does. */
export const WAITS = {
  workloads: { kinds: ["Deployment", "StatefulSet", "DaemonSet"], command: "rollout status" },
  claims: { kinds: ["PersistentVolumeClaim"], command: "wait --for=jsonpath='{.status.phase}'=Bound" },
  jobs: { kinds: ["Job"], command: "wait --for=condition=Complete" },
  ingresses: { kinds: ["Ingress"], command: "wait --for=jsonpath='{.status.loadBalancer.ingress}'" },
} as const;

/**
 * Writes objects into a new temporary folder that its owner alone can read: a chart with them in it, `objects.yaml`, and a file for
 * each of the `WAITS` that has objects.
 *
 * @returns the folder, which the caller removes: what it holds is in clear
 */
export function writeObjects(objects: readonly KubernetesObject[]): string {
  const folder = mkdtempSync(join(tmpdir(), "stackyard-bench-"));
  const write = (file: string, text: string) => writeFileSync(join(folder, file), text, { mode: 0o600 });
  const documents = (some: readonly KubernetesObject[]) => some.map((object) => stringify(object)).join("---\n");
  mkdirSync(join(folder, "templates"), { mode: 0o700 });
  write("Chart.yaml", stringify({ apiVersion: "v2", name: "objects", version: "0.1.0" }));
  write("templates/objects.yaml", '{{ .Files.Get "objects.yaml" }}\n'); // what looks like a template in them is none
  write("objects.yaml", documents(objects));
  for (const [name, { kinds }] of Object.entries(WAITS)) {
    const waited = objects.filter(({ kind }) => (kinds as readonly string[]).includes(kind));
    if (waited.length > 0) write(`${name}.yaml`, documents(waited));
  }
  return folder;
}

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { cachePath, modules, type Say } from "../toolchain";
import { moduleFolder } from "../toolchain/go";
import { once } from "../toolchain/once";

export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly annotations?: Record<string, string>; readonly labels?: Record<string, string> };
}
export interface Stage extends KubernetesObject {
  readonly spec: { readonly resourceRef: { readonly kind: string } };
}
export interface Definition extends KubernetesObject {
  readonly spec: { readonly versions: readonly { readonly served: boolean }[] };
  readonly status?: { readonly conditions?: readonly Condition[] };
}
export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly lastTransitionTime: string;
}

/** A module, a folder in it, and the files there. */
type Source = readonly [module: string, folder: string, files: RegExp];

const KWOK = "sigs.k8s.io/kwok";
const STAGES: readonly Source[] = [
  [KWOK, "kustomize/stage/node/fast", /^node-/],
  [KWOK, "kustomize/stage/node/heartbeat", /^node-/],
  [KWOK, "kustomize/stage/pod/fast", /^pod-/],
  [KWOK, "kustomize/stage/volume/fast", /^pvc?-/],
];

/**
 * What controller-gen made of the makers' Go API types, as the makers publish it beside them. Made again from the types alone it is
 * another thing: Gateway API's then takes experimental fields, lacks rules, and has no approval, without which the API server refuses it.
 */
const CRDS: readonly Source[] = [
  ["github.com/cert-manager/cert-manager", "deploy/crds", /^cert-manager|_challenges\./],
  ["github.com/cert-manager/trust-manager", "deploy/crds", /^trust\./],
  [
    "github.com/envoyproxy/gateway",
    "charts/gateway-helm/charts/crds/crds/generated",
    /_(backends|backendtrafficpolicies|clienttrafficpolicies|envoyproxies|securitypolicies)\./,
  ],
  ["github.com/external-secrets/external-secrets", "config/crds/bases", /_(externalsecrets|(cluster)?secretstores)\./],
  ["github.com/kubernetes-csi/external-snapshotter/client/v8", "config/crd", /^snapshot\./],
  [
    "github.com/prometheus-operator/prometheus-operator",
    "example/prometheus-operator-crd",
    /_(servicemonitors|podmonitors|prometheusrules)\./,
  ],
  ["github.com/vmware-tanzu/velero", "config/crd/v1/bases", /_(backups|backupstoragelocations|podvolumebackups|restores|schedules)\./],
  [
    "sigs.k8s.io/gateway-api",
    "config/crd/standard",
    /_(gatewayclasses|gateways|listenersets|httproutes|grpcroutes|backendtlspolicies|referencegrants)\./,
  ],
];

/** How kwok plays nodes, pods and volumes. */
export const publishedStages = (say: Say, signal?: AbortSignal): Promise<Stage[]> =>
  published("stages", "kwok", STAGES, (stage) => stage, say, signal);

/** The CRDs that a cluster of ours has, without what only people read and without versions that are not served: half a second faster. */
export const publishedCrds = (say: Say, signal?: AbortSignal): Promise<Definition[]> => published("crds", "crds", CRDS, plain, say, signal);

function plain(crd: Definition): Definition {
  const served = { ...crd, status: undefined, spec: { ...crd.spec, versions: crd.spec.versions.filter(({ served }) => served) } };
  const text = JSON.stringify(served, (key, value: unknown) => (key === "description" && typeof value === "string" ? undefined : value));
  return JSON.parse(text) as Definition;
}

/** Objects out of Go modules, as the go.sum of a folder beside the toolchain knows them; kept in the cache as JSON. */
async function published<T>(
  what: string,
  folder: string,
  sources: readonly Source[],
  change: (object: T) => T,
  say: Say,
  signal?: AbortSignal,
): Promise<T[]> {
  const from = modules(folder);
  const target = cachePath(what, [from], [sources.map(String), change.toString()]);
  const fetch = async (unfinished: string) => {
    say(`${what}: reading them out of Go modules`);
    const objects: T[] = [];
    for (const [module, folder, wanted] of sources) {
      const there = join(await moduleFolder(from, module, signal), folder);
      const files = readdirSync(there).filter((file) => wanted.test(file));
      objects.push(...files.flatMap((file) => documentsIn<T>(join(there, file))).map(change));
    }
    await writeFile(join(unfinished, "objects.json"), JSON.stringify(objects));
  };
  if (!existsSync(target)) await once(target, fetch, () => say(`${what}: waiting for another run that reads them`), signal);
  return JSON.parse(readFileSync(join(target, "objects.json"), "utf8")) as T[];
}

export const documentsIn = <T>(file: string): T[] => parseAllDocuments(readFileSync(file, "utf8")).map((document) => document.toJS() as T);

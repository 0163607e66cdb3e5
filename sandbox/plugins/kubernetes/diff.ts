import { differenceOf, differences } from "../differences.js";
import type { Difference } from "../rpc.js";
import { at, formatPath, isObject, parsePath, type Path, type Properties, put, some, under, unknown, type Value } from "../values.js";
import { type KubeObject, metaOf } from "./client.js";

export const replaceUnready = "pulumi.com/replaceUnready";

/** Fields whose change makes a new object, as the official plugin has them (4.29). */
const immutable: Record<string, string> = {
  "apps/v1 DaemonSet": "spec.selector",
  "apps/v1 Deployment": "spec.selector",
  "apps/v1 StatefulSet": "spec.podManagementPolicy spec.revisionHistoryLimit spec.selector spec.serviceName spec.volumeClaimTemplates",
  "batch/v1 Job": "spec.completions spec.parallelism spec.selector spec.template",
  "rbac.authorization.k8s.io/v1 ClusterRoleBinding": "roleRef",
  "rbac.authorization.k8s.io/v1 RoleBinding": "roleRef",
  "storage.k8s.io/v1 StorageClass": "parameters provisioner",
  "v1 ConfigMap": "data binaryData",
  "v1 Secret": "type data stringData",
  "v1 PersistentVolume": "spec.csi spec.hostPath spec.local spec.nfs",
  "v1 PersistentVolumeClaim": "spec.accessModes spec.selector spec.storageClassName spec.volumeName",
  "v1 Pod": "spec",
  "v1 ResourceQuota": "spec.scopes",
  "v1 Service": "spec.clusterIP",
};

/** The part of what is there that was asked for. */
export const prune = (live: Value, shape?: Value): Value => {
  if (isObject(live) && isObject(shape)) {
    return Object.fromEntries(Object.keys(shape).flatMap((key) => (live[key] === undefined ? [] : [[key, prune(live[key], shape[key])]])));
  }
  if (Array.isArray(live) && Array.isArray(shape)) return live.slice(0, shape.length).map((item, i) => prune(item, shape[i]));
  return live;
};

const quantities = new Set("limits requests hard capacity max min default defaultRequest sizeLimit averageValue value divisor".split(" "));
const amount = (value: Value): number | undefined => {
  const [, number, suffix = "", binary] =
    /^([+-]?[\d.]+(?:e[+-]?\d+)?)(?:([numkMGTPE])|([KMGTPE])i)?$/i.exec(JSON.stringify(value).replaceAll('"', "")) ?? [];
  if (number === undefined) return undefined;
  if (binary) return Number(number) * 1024 ** ("KMGTPE".indexOf(binary) + 1);
  const small = "mun".indexOf(suffix || "-") + 1;
  return small > 0 ? Number(number) / 1000 ** small : Number(number) * 1000 ** ("kMGTPE".indexOf(suffix || "-") + 1);
};
/** The API server writes quantities its own way (1000m as 1). */
const sameQuantity = (path: Path, a: Value, b: Value): boolean =>
  path.slice(-2).some((key) => quantities.has(String(key))) && amount(a) !== undefined && amount(a) === amount(b);

/** A Secret as the API server keeps it: all of its data encoded. */
export const encoded = (object: KubeObject): KubeObject => {
  const { stringData, ...others } = object;
  if (object.kind !== "Secret" || !isObject(stringData)) return object;
  const data = Object.entries(stringData).map(([key, text]) => [
    key,
    text === unknown ? text : Buffer.from(text as string).toString("base64"),
  ]);
  return { ...others, data: { ...(isObject(object.data) ? object.data : {}), ...(Object.fromEntries(data) as Properties) } };
};

export interface Compared {
  live: KubeObject;
  oldInputs: KubeObject;
  inputs: KubeObject;
  namespaced: boolean;
  ignoreChanges: string[];
  /** Whether it takes a new object even where nothing else has changed: annotation `pulumi.com/replaceUnready`. */
  unready: boolean;
}

/** What an update would change, and whether it takes a new object. */
export const compare = ({ live, oldInputs, inputs, namespaced, ignoreChanges, unready }: Compared): Difference => {
  const placed = (object: KubeObject, namespace = metaOf(object).namespace || "default") =>
    put(object, ["metadata", "namespace"], namespaced ? namespace : undefined) as KubeObject;
  const [asked, next, now] = [placed(encoded(oldInputs)), placed(encoded(inputs)), placed(live)];
  const { name, annotations } = metaOf(inputs);
  const old = put(
    prune(now, placed(asked)) as KubeObject,
    ["metadata", "name"],
    name === undefined ? undefined : (metaOf(live).name ?? null),
  );
  // data that the program gives as stringData are shown there
  const shown = (path: Path): Path =>
    path[0] === "data" && at(inputs, ["stringData", ...path.slice(1)]) !== undefined ? ["stringData", ...path.slice(1)] : path;
  const found = differences({ old, next, asked, same: sameQuantity }).map(
    ([path, change]) => [shown(path), change] as [Path, typeof change],
  );
  const fixed = ["metadata.name", "metadata.namespace", ...(immutable[`${inputs.apiVersion} ${inputs.kind}`] ?? "").split(" ")]
    .filter(Boolean)
    .map(parsePath);
  const within = (path: Path, field: Path, value: Value | undefined) =>
    under(field, path) && some(at(value, field.slice(path.length)) ?? null, (item) => item !== null);
  const difference = differenceOf(found, ignoreChanges, (path, change) => {
    const value = at(change === "delete" ? old : inputs, path);
    return fixed.some((field) => under(path, field) || within(path, field, value));
  });
  if (unready) difference.changes.set(formatPath(["metadata", "annotations", replaceUnready]), "update-replace");
  const replaced = [...difference.changes.values()].some((change) => change.endsWith("-replace"));
  const samePlace = name === metaOf(live).name && metaOf(next).namespace === metaOf(now).namespace;
  return { ...difference, deleteBeforeReplace: replaced && samePlace && annotations?.["pulumi.com/autonamed"] !== "true" };
};

import { createHash, randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type Checked, type Difference, NotReady, type Request, type Resources, type State } from "../rpc.js";
import {
  at,
  hasUnknown,
  isObject,
  likeSecrets,
  parsePath,
  plainProperties,
  type Properties,
  put,
  secret,
  unknown,
  type Value,
} from "../values.js";
import { ApiError, Client, kubeConfigOf, type KubeObject, metaOf, Unreachable } from "./client.js";
import { compare, encoded, prune, replaceUnready } from "./diff.js";
import { isCompleteJob } from "./readiness.js";
import { checkReady, Unready, untilGone, untilReady } from "./wait.js";

const manager = "__fieldManager";
const autonamed = "pulumi.com/autonamed";
const yes = (value: Value | undefined, variable: string): boolean =>
  String((value as boolean | string | undefined) ?? process.env[variable]) === "true";

/** CustomResourceDefinitions have `x-kubernetes-…` fields, which the SDK writes with underscores. */
const renamed = <T extends Value>(object: T, from: string, to: string): T => {
  const rename = (value: Value): Value => {
    if (Array.isArray(value)) return value.map(rename);
    if (!isObject(value)) return value;
    const name = (key: string) => (key.startsWith(`x${from}kubernetes${from}`) ? key.replaceAll(from, to) : key);
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [name(key), rename(item)]));
  };
  return isObject(object) && object.kind === "CustomResourceDefinition" ? (rename(object) as T) : object;
};

/** Fields of `metadata` that only the API server writes. */
const readOnly = new Set([
  "creationTimestamp",
  "deletionGracePeriodSeconds",
  "deletionTimestamp",
  "generation",
  "managedFields",
  "resourceVersion",
  "uid",
]);
const withoutReadOnly = (object: KubeObject): KubeObject => {
  if (!isObject(object.metadata)) return object;
  return { ...object, metadata: Object.fromEntries(Object.entries(object.metadata).filter(([key]) => !readOnly.has(key))) };
};

/** The object that these inputs describe; apiVersion and kind come from the type where they are not given. */
const objectOf = (inputs: Properties, type: string): KubeObject => {
  const [, group = "", kind = ""] = type.split(":");
  return withoutReadOnly(renamed({ apiVersion: group.replace(/^core\//, ""), kind, ...plainProperties(inputs) }, "_", "-"));
};
const idOf = (object: KubeObject): string => [metaOf(object).namespace, metaOf(object).name].filter(Boolean).join("/");
/** The object of an id, as far as that tells. */
const named = (object: KubeObject, id: string): KubeObject => {
  const [name = "", namespace] = id.split("/").reverse();
  return { apiVersion: object.apiVersion, kind: object.kind, metadata: { name, ...(namespace !== undefined && { namespace }) } };
};

/** What the API server has, secret where the inputs are; all data of a Secret are. */
const marked = (live: KubeObject, inputs: Properties): Properties =>
  likeSecrets(
    renamed(live, "-", "_"),
    live.kind === "Secret" ? { ...inputs, data: secret(null), stringData: secret(null) } : inputs,
  ) as Properties;
const managerOf = (object: KubeObject, state: Properties): string =>
  metaOf(object).annotations?.["pulumi.com/patchFieldManager"] ??
  (state[manager] as string | undefined) ??
  `pulumi-kubernetes-${randomBytes(4).toString("hex")}`;
const liveOf = (state: Properties): KubeObject => renamed(plainProperties(state) as KubeObject, "_", "-");

/** A preview cannot tell: the namespace or kind does not exist yet, or the object does, or looking is not allowed. */
const knownAfter = (error: unknown): boolean =>
  error instanceof ApiError &&
  (["NoSuchKind", "AlreadyExists", "Forbidden"].includes(error.reason) || (error.reason === "NotFound" && error.about === "namespaces"));

const explained = (error: unknown, object: KubeObject, { preview }: Request, doing: string): unknown => {
  if (!(error instanceof ApiError)) return error;
  const remedy = error.reason === "Conflict" ? ' (annotation pulumi.com/patchForce: "true" takes these fields over)' : "";
  return new Error(`${object.kind} ${idOf(object)} ${preview ? "would not be" : "was not"} ${doing}: ${error.message}${remedy}`);
};

/** Objects of any kind of a cluster's API. */
export class Objects implements Resources {
  /** The provider's configuration. */
  args: Properties = {};
  private connected?: Client;

  configure(args: Properties): void {
    this.args = plainProperties(args);
    this.connected = undefined;
    if (yes(this.args.enableServerSideApply ?? true, "")) return;
    throw new Error("enableServerSideApply: false is given, but the stand-in plugin applies on the server only");
  }

  private get client(): Client {
    return (this.connected ??= new Client(kubeConfigOf(this.args)));
  }
  private forced(object: KubeObject): boolean {
    return yes(metaOf(object).annotations?.["pulumi.com/patchForce"] ?? this.args.enablePatchForce, "PULUMI_K8S_ENABLE_PATCH_FORCE");
  }
  private namespaced(object: KubeObject): Promise<boolean> {
    return this.client.resource(object).then(
      ({ namespaced }) => namespaced,
      () => true,
    );
  }

  async check({ type, name, inputs, oldInputs, seed }: Request): Promise<Checked> {
    if (/(List|Patch)$/.test(type)) throw new Error(`the stand-in plugin has no ${type}: install the official plugin to use it`);
    let object = objectOf(inputs, type);
    if (metaOf(object).name === undefined && object.metadata !== unknown) {
      const old = metaOf(objectOf(oldInputs, type));
      const fresh = `${name}-${createHash("sha256").update(seed).digest("hex").slice(0, 8)}`;
      object = put(object, ["metadata", "name"], (old.annotations?.[autonamed] && old.name) || fresh) as KubeObject;
      object = put(object, ["metadata", "annotations", autonamed], "true") as KubeObject;
    }
    const { namespace } = this.args;
    if (namespace !== undefined && !metaOf(object).namespace && (await this.namespaced(object)))
      object = put(object, ["metadata", "namespace"], namespace) as KubeObject;
    return { inputs: likeSecrets(renamed(object, "-", "_"), inputs) as Properties };
  }

  async diff({ type, state, oldInputs, inputs, ignoreChanges }: Request): Promise<Difference> {
    const object = objectOf(inputs, type);
    return compare({
      live: liveOf(state),
      oldInputs: objectOf(oldInputs, type),
      inputs: object,
      namespaced: await this.namespaced(object),
      ignoreChanges,
      unready: await this.isUnreadyJob(object),
    });
  }

  /** As the official plugin does it: of Jobs only, and one that cannot be looked at counts as ready. */
  private async isUnreadyJob(object: KubeObject): Promise<boolean> {
    if (object.kind !== "Job" || metaOf(object).annotations?.[replaceUnready] !== "true") return false;
    const live = await this.client.get(object).catch(() => undefined);
    return live !== undefined && !isCompleteJob(live);
  }

  async create(request: Request): Promise<State> {
    const { inputs, preview } = request;
    const object = objectOf(inputs, request.type);
    const fieldManager = managerOf(object, {});
    const query = { fieldManager, dryRun: preview ? "All" : undefined };
    const upsert = yes(this.args.upsertExistingObjects, "PULUMI_K8S_UPSERT_EXISTING_OBJECTS");
    const send = () =>
      upsert ? this.client.write("PATCH", object, { ...query, force: this.forced(object) }) : this.client.write("POST", object, query);
    try {
      if (preview && hasUnknown(object)) return { id: "", outputs: inputs };
      const made = await this.persistently(send, request);
      if (preview) return { id: "", outputs: marked(put(made, ["status"], undefined) as KubeObject, inputs) };
      return { id: idOf(made), outputs: await this.settled(made, fieldManager, request) };
    } catch (error) {
      if (preview && knownAfter(error)) return { id: "", outputs: inputs };
      throw explained(error, object, request, "created");
    }
  }

  /** Namespaces and kinds may be made at the same time, so what is missing is asked for again. */
  private async persistently(send: () => Promise<KubeObject>, { preview, signal, status }: Request): Promise<KubeObject> {
    for (let pause = 1000; ; pause *= 2) {
      try {
        return await send();
      } catch (error) {
        const missing = error instanceof ApiError && ["NotFound", "NoSuchKind"].includes(error.reason);
        if (!missing || preview || pause > 16_000) throw error;
        status(`Waiting for what it needs: ${error.message}`);
        await sleep(pause, undefined, { signal });
      }
    }
  }

  private async settled(object: KubeObject, fieldManager: string, request: Request): Promise<Properties> {
    const stateOf = (live: KubeObject) => ({ ...marked(live, request.inputs), [manager]: fieldManager });
    try {
      return stateOf(await untilReady(this.client, object, request));
    } catch (error) {
      throw error instanceof Unready ? new NotReady(error.reasons, { id: idOf(object), outputs: stateOf(error.object) }) : error;
    }
  }

  async read({ id, type, oldInputs, state }: Request): Promise<State | undefined> {
    const asked = objectOf(oldInputs, type);
    const known = Object.keys(oldInputs).length > 0;
    try {
      const live = await this.client.get(named(asked, id));
      if (!live) return undefined;
      const inputs = marked(
        (known ? prune(live, encoded(asked)) : put(withoutReadOnly(live), ["status"], undefined)) as KubeObject,
        oldInputs,
      );
      const read = { id, inputs, outputs: { ...marked(live, oldInputs), [manager]: managerOf(asked, state) } };
      if (known)
        await checkReady(this.client, live).catch((error) =>
          Promise.reject(error instanceof Unready ? new NotReady(error.reasons, read) : (error as Error)),
        );
      return read;
    } catch (error) {
      return this.gone(error, ["NoSuchKind"]);
    }
  }

  /** Objects of a cluster that is gone are gone, for who says so. */
  private gone(error: unknown, reasons: string[]): undefined {
    if (error instanceof ApiError && reasons.includes(error.reason)) return undefined;
    if (!(error instanceof Unreachable)) throw error;
    if (!yes(this.args.deleteUnreachable, "PULUMI_K8S_DELETE_UNREACHABLE"))
      throw new Error(`${error.message}. If it is gone, PULUMI_K8S_DELETE_UNREACHABLE=true takes its objects out of the state`, {
        cause: error,
      });
  }

  async update(request: Request): Promise<Properties> {
    const { inputs, preview, state } = request;
    const object = objectOf(inputs, request.type);
    const fieldManager = managerOf(object, state);
    try {
      if (preview && hasUnknown(object)) return inputs;
      let live = await this.client.get(named(object, idOf(liveOf(state))));
      if (!live) throw new ApiError("NotFound", "it is not there any more (pulumi refresh takes it out of the state)");
      const created = metaOf(live).managedFields?.some((each) => isCreation(each, fieldManager)) ?? false;
      if (created && !preview) live = await this.takeOver(live, fieldManager);
      const query = { fieldManager, force: this.forced(object) || (created && preview), dryRun: preview ? "All" : undefined };
      live = await this.client.write("PATCH", keepIgnored(object, live, fieldManager, request.ignoreChanges), query);
      return preview ? marked(live, inputs) : await this.settled(live, fieldManager, request);
    } catch (error) {
      if (preview && knownAfter(error)) return inputs;
      throw explained(error, object, request, "updated");
    }
  }

  /** What was created counts as updated, not as applied, and no apply would ever take it away again. */
  private takeOver(live: KubeObject, fieldManager: string): Promise<KubeObject> {
    const { managedFields = [], resourceVersion } = metaOf(live);
    const applied = managedFields.map((each) => (isCreation(each, fieldManager) ? { ...each, operation: "Apply" } : each));
    const unchanged = { op: "test", path: "/metadata/resourceVersion", value: resourceVersion };
    return this.client.write("PATCH", live, {}, [unchanged, { op: "replace", path: "/metadata/managedFields", value: applied }]);
  }

  async delete(request: Request): Promise<void> {
    const { id, type, oldInputs } = request;
    const asked = objectOf(oldInputs, type);
    try {
      const live = await this.client.get(named(asked, id));
      if (!live) return;
      const { annotations = {} } = metaOf(asked);
      const policy = annotations["pulumi.com/deletionPropagationPolicy"] ?? "foreground";
      await this.client.write("DELETE", live, {}, { propagationPolicy: policy.replace(/^./, (first) => first.toUpperCase()) });
      if (annotations["pulumi.com/skipAwait"] !== "true") await untilGone(this.client, live, request);
    } catch (error) {
      this.gone(error, ["NoSuchKind", "NotFound"]);
    }
  }
}

type ManagedFields = NonNullable<ReturnType<typeof metaOf>["managedFields"]>[number];
const isCreation = (entry: ManagedFields, fieldManager: string): boolean =>
  entry.manager === fieldManager && entry.operation === "Update" && !entry.subresource;

/** Ignored fields stay as they are: left to another manager that has them, else sent as they are. */
const keepIgnored = (object: KubeObject, live: KubeObject, fieldManager: string, ignoreChanges: string[]): KubeObject =>
  ignoreChanges.map(parsePath).reduce<KubeObject>((kept, path) => {
    const keys = path.filter((key) => typeof key === "string" && key !== "*") as string[];
    const now = at(live, keys);
    if (keys.length < path.length || now === undefined) return kept;
    const holders = (metaOf(live).managedFields ?? []).filter(
      ({ fieldsV1 }) =>
        at(
          fieldsV1,
          keys.map((key) => `f:${key}`),
        ) !== undefined,
    );
    const theirs = holders.length > 0 && !holders.some((each) => each.manager === fieldManager);
    return put(kept, keys, theirs ? undefined : now) as KubeObject;
  }, object);

const serverOf = (args: Properties): string => {
  try {
    const { server, caData, caFile } = kubeConfigOf(args).getCurrentCluster() ?? { server: "" };
    return [server, caData, caFile].join(" ");
  } catch {
    return ""; // the file is gone: nobody can tell any more
  }
};
/** Another cluster replaces everything: another `clusterIdentifier`, or, where there is none, another server in the kubeconfig. */
export const diffConfig = (olds: Properties, news: Properties): Difference => {
  const [old, next] = [plainProperties(olds), plainProperties(news)];
  const changed = [...new Set([...Object.keys(old), ...Object.keys(next)])].filter(
    (key) => JSON.stringify(old[key]) !== JSON.stringify(next[key]),
  );
  const deciding =
    (old.clusterIdentifier ?? next.clusterIdentifier) === undefined ? ["kubeconfig", "context", "cluster"] : ["clusterIdentifier"];
  const elsewhere = deciding.length === 1 || serverOf(old) !== serverOf(next);
  return { changes: new Map(changed.map((key) => [key, elsewhere && deciding.includes(key) ? "update-replace" : "update"])) };
};

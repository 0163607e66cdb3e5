import type {
  KubernetesObject,
  KubernetesObjectApi,
  V1Namespace,
  V1PersistentVolumeClaim,
  V1Pod,
  V1Secret,
  V1StatefulSet,
} from "@kubernetes/client-node";
import { heldBy, type Held } from "../components/fluxiondb/held";
import { NAME, namespaceNameOf } from "../components/fluxiondb/plan";
import { NAMESPACE_PREFIX } from "../components/fluxiondb/options";
import { clientOf, find, type Reached } from "../engine/cluster";
import { isOurs, OURS } from "../engine/ours";
import { STACK, TENANT } from "./names";
import type { Found } from "./seen";

const SNAPSHOTS = "snapshot.storage.k8s.io/v1";
const SELECTOR = `${OURS.join("=")},app.kubernetes.io/name=${NAME}`;
/** Tenants of one answer of the API server: whatever their number, one page of them is in memory. */
const PAGE = 500;

interface VolumeSnapshot extends KubernetesObject {
  readonly status?: { readonly readyToUse?: boolean; readonly error?: { readonly message?: string } };
}

/** A tenant of a service that has a database, whether the registry knows it or not. */
export interface Deployed {
  readonly user: string;
  readonly id: string;
  /** The stack that has deployed it. */
  readonly stack: string;
}

/** All that tenants have in the cluster at one moment. */
export interface Look {
  readonly at: Date;
  readonly of: (user: string) => Found;
  /** Ids of the tenants that namespaces were made for, by namespace. */
  readonly owners: ReadonlyMap<string, string>;
  readonly deployed: readonly Deployed[];
  /** What each has that a new wish must fit, and whether it is ours. */
  readonly held: (claimOf: (user: string) => string) => Map<string, Held>;
}

/** What the service does in the cluster beside the ups of shards. Each method can be called again after it was cut off. */
export class TenantCluster {
  private last: { readonly look: Promise<Look>; readonly at: number } | undefined;

  private constructor(private readonly api: KubernetesObjectApi) {}

  static async reach(target: Reached): Promise<TenantCluster> {
    return new TenantCluster(await clientOf(target));
  }

  /**
   * Looks at all tenants at once.
   *
   * @param age milliseconds that an earlier look may be old; shards that wait at the same time share one
   */
  look(age = 0): Promise<Look> {
    const now = Date.now();
    if (this.last === undefined || now - this.last.at > age) {
      const look = this.lookNow();
      const last = { look, at: now };
      this.last = last;
      look.catch(() => (this.last = this.last === last ? undefined : this.last));
    }
    return this.last.look;
  }

  private async lookNow(): Promise<Look> {
    const at = new Date();
    const [namespaces, claims, databases, pods] = await Promise.all([
      this.all<V1Namespace>("v1", "Namespace"),
      this.all<V1PersistentVolumeClaim>("v1", "PersistentVolumeClaim", SELECTOR),
      this.all<V1StatefulSet>("apps/v1", "StatefulSet", SELECTOR),
      this.all<V1Pod>("v1", "Pod", SELECTOR),
    ]);
    const [claimsIn, databasesIn, podsIn] = [byNamespace(claims), byNamespace(databases), byNamespace(pods)];
    const of = (user: string): Found => {
      const namespace = namespaceNameOf(user);
      return { database: databasesIn.get(namespace)?.[0], pods: podsIn.get(namespace) ?? [], claims: claimsIn.get(namespace) ?? [] };
    };
    const held = (claimOf: (user: string) => string) => {
      const current = claims.filter(({ metadata: { namespace = "", name } = {} }) => name === claimOf(userOf(namespace)));
      return heldBy(
        JSON.parse(
          JSON.stringify({ namespaces: { items: namespaces }, claims: { items: current }, databases: { items: databases } }),
        ) as never,
      );
    };
    const owners = new Map(
      namespaces.flatMap(({ metadata: { name = "", annotations } = {} }) =>
        annotations?.[TENANT] ? [[name, annotations[TENANT]] as const] : [],
      ),
    );
    const deployed = namespaces.flatMap(({ metadata: { name: namespace = "", annotations } = {} }) => {
      const { [TENANT]: id, [STACK]: stack } = annotations ?? {};
      return id !== undefined && stack !== undefined && databasesIn.has(namespace) ? [{ user: userOf(namespace), id, stack }] : [];
    });
    return { at, of, held, owners, deployed };
  }

  /** The key that a Secret of a tenant holds. */
  async keyIn(user: string, name: string, key: string): Promise<string | undefined> {
    const secret = await this.find<V1Secret>(user, "v1", "Secret", name);
    const value = secret?.data?.[key];
    return value === undefined ? undefined : Buffer.from(value, "base64").toString();
  }

  /**
   * Why no volume can be snapshotted here; nothing where it can.
   *
   * @throws Error where the cluster does not say: a deletion that took that for a no would go on without its last snapshot
   */
  async snapshotLack(wanted: string | undefined): Promise<string | undefined> {
    const classes = await this.all(SNAPSHOTS, "VolumeSnapshotClass").catch(noneOfUnknown);
    const isDefault = ({ metadata }: KubernetesObject) =>
      metadata?.annotations?.["snapshot.storage.kubernetes.io/is-default-class"] === "true";
    const is = wanted === undefined ? isDefault : ({ metadata }: KubernetesObject) => metadata?.name === wanted;
    if (classes.some(is)) return undefined;
    const which = wanted === undefined ? "no default VolumeSnapshotClass" : `no VolumeSnapshotClass "${wanted}"`;
    return `the cluster has ${which}: its volumes cannot be snapshotted (docs/tenants.md has the other way)`;
  }

  async takeSnapshot(user: string, name: string, claim: string, snapshotClass: string | undefined): Promise<void> {
    if ((await this.find(user, SNAPSHOTS, "VolumeSnapshot", name)) !== undefined) return;
    const spec = {
      source: { persistentVolumeClaimName: claim },
      ...(snapshotClass !== undefined && { volumeSnapshotClassName: snapshotClass }),
    };
    await this.api.create({ ...objectOf(user, SNAPSHOTS, "VolumeSnapshot", name), spec } as KubernetesObject);
  }

  async snapshotState(user: string, name: string): Promise<{ readonly ready: boolean; readonly error?: string }> {
    const snapshot = await this.find<VolumeSnapshot>(user, SNAPSHOTS, "VolumeSnapshot", name);
    if (snapshot === undefined) return { ready: false, error: `VolumeSnapshot ${name} is not there` };
    const { readyToUse = false, error } = snapshot.status ?? {};
    return { ready: readyToUse, ...(error && { error: error.message ?? "the driver does not say why" }) };
  }

  /** Deletes a claim; nothing where there is none. */
  async removeClaim(user: string, name: string): Promise<void> {
    const claim = await this.find(user, "v1", "PersistentVolumeClaim", name);
    if (claim !== undefined && isOurs(claim)) await this.remove(claim);
  }

  /**
   * Deletes the namespace of a tenant and all that is in it. One that is another's is left alone.
   *
   * @returns whether nothing of the tenant is left
   */
  async removeNamespace(user: string, tenant: string): Promise<boolean> {
    const name = namespaceNameOf(user);
    const namespace = await find(this.api, { apiVersion: "v1", kind: "Namespace", metadata: { name } });
    const { annotations, deletionTimestamp } = namespace?.metadata ?? {};
    if (namespace === undefined || !isOurs(namespace) || annotations?.[TENANT] !== tenant) return true;
    if (deletionTimestamp === undefined) await this.remove(namespace);
    return false;
  }

  /** Whether the cluster has these objects already, and has them as ours. */
  async present(objects: readonly KubernetesObject[]): Promise<KubernetesObject[]> {
    const found = await Promise.all(objects.map(async (object) => (object.metadata?.name ? find(this.api, object) : undefined)));
    return found.filter((object) => object !== undefined);
  }

  /** Deletes Secrets and ConfigMaps of ours in a namespace that Pulumi has named and nobody knows. */
  async sweep(user: string, known: ReadonlySet<string>): Promise<void> {
    const namespace = namespaceNameOf(user);
    for (const kind of ["ConfigMap", "Secret"]) {
      const { items } = await this.api.list("v1", kind, namespace, undefined, undefined, undefined, undefined, OURS.join("="));
      for (const { metadata } of items) {
        if (metadata?.annotations?.["pulumi.com/autonamed"] !== "true" || known.has(`${namespace}/${metadata.name}`)) continue;
        await this.remove({ apiVersion: "v1", kind, metadata });
      }
    }
  }

  private async find<Kind extends KubernetesObject>(
    user: string,
    apiVersion: string,
    kind: string,
    name: string,
  ): Promise<Kind | undefined> {
    return (await find(this.api, { apiVersion, kind, metadata: { name, namespace: namespaceNameOf(user) } })) as Kind | undefined;
  }

  private async remove(object: KubernetesObject): Promise<void> {
    const { ApiException } = await import("@kubernetes/client-node");
    const { apiVersion, kind, metadata: { name = "", namespace } = {} } = object;
    try {
      await this.api.delete({ apiVersion, kind, metadata: { name, namespace } });
    } catch (error) {
      if (!(error instanceof ApiException && error.code === 404)) throw error;
    }
  }

  private async all<Kind extends KubernetesObject>(apiVersion: string, kind: string, selector?: string): Promise<Kind[]> {
    const items: KubernetesObject[] = [];
    let next: string | undefined;
    do {
      const list = await this.api.list(apiVersion, kind, undefined, undefined, undefined, undefined, undefined, selector, PAGE, next);
      // the items of a list do not say what they are
      items.push(...list.items.map((item) => Object.assign(item, { apiVersion, kind })));
      next = list.metadata?._continue || undefined;
    } while (next !== undefined);
    return items as Kind[];
  }
}

/** No objects where a cluster has no such kind. Throws what else is wrong. */
async function noneOfUnknown(error: unknown): Promise<[]> {
  const { ApiException } = await import("@kubernetes/client-node");
  if (error instanceof ApiException && error.code === 404) return []; // no kind of that API
  if (error instanceof Error && error.message.startsWith("Unrecognized API version and kind")) return []; // others of it
  throw error;
}

const userOf = (namespace: string): string => namespace.slice(NAMESPACE_PREFIX.length);

/** An object of a tenant, with the labels that all of them have. */
const objectOf = (user: string, apiVersion: string, kind: string, name: string): KubernetesObject => ({
  apiVersion,
  kind,
  metadata: {
    name,
    namespace: namespaceNameOf(user),
    labels: { [OURS[0]]: OURS[1], "app.kubernetes.io/name": NAME, "app.kubernetes.io/instance": user },
  },
});

function byNamespace<Kind extends KubernetesObject>(objects: readonly Kind[]): Map<string, Kind[]> {
  const groups = new Map<string, Kind[]>();
  for (const object of objects) {
    const { namespace = "" } = object.metadata ?? {};
    groups.set(namespace, [...(groups.get(namespace) ?? []), object]);
  }
  return groups;
}

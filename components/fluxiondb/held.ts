import * as z from "zod";
import { ANNOTATIONS, Extent, resizeRefusals, sizeOf } from "../../sizing/fluxiondb";
import { bytes } from "../../sizing/quantity";
import type { FluxionDbPlan } from "./options";
import { NAME, namespaceNameOf, ownsClaim, storageOf } from "./plan";

/**
 * What tenants have in the cluster, and whether they can go from there to what is wanted.
 *
 * A component sees only what is wanted, a policy too, and the API server refuses a smaller claim without a word of RAM, and only once the
 * volume has grown. So a stack asks the cluster before the first resource: it tells the truth after a state was lost, too, about what a
 * destroy has kept, and about what others have put there.
 */

const named = `fieldSelector=${encodeURIComponent(`metadata.name=${NAME}`)}`;
/** Requests to the API server whose answers `heldBy` reads, for all tenants at once. */
export const HELD_PATHS = {
  namespaces: "/api/v1/namespaces",
  claims: `/api/v1/persistentvolumeclaims?${named}`,
  databases: `/apis/apps/v1/statefulsets?${named}`,
} as const;

const Texts = z.record(z.string(), z.string()).default({});
const Metadata = z.object({ name: z.string(), labels: Texts, annotations: Texts, deletionTimestamp: z.string().optional() });
const Placed = Metadata.extend({ namespace: z.string() });
const Namespaces = z.object({ items: z.array(z.object({ metadata: Metadata })) });
const Claims = z.object({
  items: z.array(
    z.object({
      metadata: Placed,
      spec: z.object({ storageClassName: z.string().optional(), resources: z.object({ requests: z.object({ storage: z.string() }) }) }),
    }),
  ),
});
const Sets = z.object({
  items: z.array(
    z.object({
      metadata: Placed,
      spec: z.object({
        template: z.object({
          spec: z.object({
            containers: z.array(
              z.object({
                name: z.string(),
                resources: z.object({ requests: z.object({ memory: z.string().optional() }).default({}) }).default({ requests: {} }),
              }),
            ),
          }),
        }),
      }),
    }),
  ),
});

/** Every object of a tenant carries them. What does not is somebody else's, and never taken over. */
const OURS = Object.entries({ "app.kubernetes.io/part-of": "stackyard", "app.kubernetes.io/name": NAME });
const isOurs = ({ labels }: z.output<typeof Metadata>): boolean => OURS.every(([key, value]) => labels[key] === value);

/** What was kept of a tenant that is no longer run: no pod, but its data. */
export interface Kept {
  readonly namespace?: boolean;
  readonly claim?: boolean;
  /** Class of the claim that it has, with a database or without one. No apply may leave out again what one has had. */
  readonly storageClass?: string;
}

type Kind = "Namespace" | "PersistentVolumeClaim" | "StatefulSet";

/** What one tenant has. */
export interface Held extends Extent {
  readonly storageClass?: string;
  /** Nothing while there is a database: it is this stack's already, or another's. */
  readonly kept: Kept;
  /** What stands in the tenant's place and is somebody else's. */
  readonly foreign: readonly Kind[];
  /** Whether its namespace is being deleted, and all that is in it. */
  readonly ending: boolean;
}
const NOTHING: Held = { kept: {}, foreign: [], ending: false };

const more = (one: string | undefined, other: string | undefined): string | undefined =>
  one === undefined || (other !== undefined && bytes(other) > bytes(one)) ? other : one;

/**
 * What each tenant has, by namespace.
 *
 * @param answers to HELD_PATHS
 */
export function heldBy(answers: Readonly<Record<keyof typeof HELD_PATHS, unknown>>): Map<string, Held> {
  const held = new Map<string, Held>();
  const add = (namespace: string, found: (known: Held) => Partial<Held>) => {
    const known = held.get(namespace) ?? NOTHING;
    held.set(namespace, { ...known, ...found(known) });
  };
  for (const { metadata } of Namespaces.parse(answers.namespaces).items) {
    const ending = metadata.deletionTimestamp !== undefined;
    add(metadata.name, () => (isOurs(metadata) ? { ending, kept: { namespace: true } } : { ending, foreign: ["Namespace"] }));
  }
  for (const { metadata, spec } of Claims.parse(answers.claims).items) {
    add(metadata.namespace, ({ kept, foreign }) =>
      isOurs(metadata)
        ? {
            ram: metadata.annotations[ANNOTATIONS.ram],
            storage: spec.resources.requests.storage,
            storageClass: spec.storageClassName,
            kept: { ...kept, claim: true },
          }
        : { foreign: [...foreign, "PersistentVolumeClaim"] },
    );
  }
  for (const { metadata, spec } of Sets.parse(answers.databases).items) {
    const memory = spec.template.spec.containers.find(({ name }) => name === NAME)?.resources.requests.memory;
    add(metadata.namespace, ({ ram, foreign }) =>
      isOurs(metadata) ? { ram: more(ram, memory), kept: {} } : { foreign: [...foreign, "StatefulSet"] },
    );
  }
  return held;
}

/** What was kept of a tenant, for the argument `kept` of its component. */
export function keptOf(user: string, held: ReadonlyMap<string, Held>): Kept {
  const { kept, storageClass } = held.get(namespaceNameOf(user)) ?? NOTHING;
  return { ...kept, ...(storageClass !== undefined && { storageClass }) };
}

/** What a tenant cannot have, and why. */
export interface TenantRefusal {
  readonly user: string;
  /** Where it stands among the tenant's options; nothing where it is about the tenant as a whole. */
  readonly property?: string;
  readonly reason: string;
  /** What the option can be set to. */
  readonly accepted?: string;
  /** Commands that ask or change the cluster, each with what it is for. */
  readonly commands: readonly string[];
}
type Reason = Omit<TenantRefusal, "user">;

const PROPERTY: Readonly<Record<keyof Extent, string>> = { ram: "ram", storage: "persistence.size" };

/** What of a tenant's checked options is compared with what it has. */
export type Wanted = Pick<FluxionDbPlan, "user" | "ram" | "persistence" | "namespace">;

/** Everything that tenants want and cannot have, because of what is there. Nothing, where all can go there. */
export const heldRefusals = (tenants: readonly Wanted[], held: ReadonlyMap<string, Held>): TenantRefusal[] =>
  tenants.flatMap((tenant) => {
    const now = held.get(namespaceNameOf(tenant.user)) ?? NOTHING;
    const reasons = [
      ...foreignReasons(tenant, now),
      ...endingReason(tenant, now),
      ...sizeReasons(tenant, now),
      ...classReason(tenant, now),
    ];
    return reasons.map((reason) => ({ user: tenant.user, ...reason }));
  });

function sizeReasons(tenant: Wanted, now: Held): Reason[] {
  const wanted = { ram: sizeOf(tenant.ram).memory, ...(ownsClaim(tenant) && { storage: storageOf(tenant) }) };
  return resizeRefusals(now, wanted).map(({ property, reason }) => ({
    property: PROPERTY[property],
    reason,
    accepted: now[property],
    commands: [],
  }));
}

function classReason(tenant: Wanted, { storageClass: now }: Held): Reason[] {
  const { storageClass: wanted } = tenant.persistence;
  if (!ownsClaim(tenant) || wanted === undefined || now === undefined || wanted === now) return [];
  const reason = `${wanted} is not ${now}, the class that its volume has and keeps. Set it to ${now}; to move, add a tenant in ${wanted}, copy the data there and take this one out`;
  return [{ property: "persistence.storageClass", reason, accepted: now, commands: [] }];
}

function endingReason({ user }: Wanted, { ending }: Held): Reason[] {
  const namespace = namespaceNameOf(user);
  const wait = `kubectl wait --for=delete namespace/${namespace} --timeout=5m   # then run the same command again`;
  return ending
    ? [{ reason: `namespace ${namespace} is being deleted, and all that is in it: wait until it is gone`, commands: [wait] }]
    : [];
}

function foreignReasons(tenant: Wanted, { foreign }: Held): Reason[] {
  const { create } = tenant.namespace;
  const wanted: Readonly<Record<Kind, boolean>> = { Namespace: create, PersistentVolumeClaim: ownsClaim(tenant), StatefulSet: true };
  return foreign.filter((kind) => wanted[kind]).map((kind) => foreignReason(kind, namespaceNameOf(tenant.user)));
}

function foreignReason(kind: Kind, namespace: string): Reason {
  const at = kind === "Namespace" ? `namespace ${namespace}` : `--namespace ${namespace} ${kind.toLowerCase()} ${NAME}`;
  const labels = OURS.map(([key, value]) => `${key}=${value}`).join(" ");
  return {
    reason: `the cluster has ${kind} ${kind === "Namespace" ? namespace : `${namespace}/${NAME}`} already, without the labels ${labels}: it is taken for somebody else's, and left alone. Give the tenant another name, or say that it is this tenant's`,
    commands: [
      `kubectl get ${at} --show-labels   # whose it is`,
      kind === "StatefulSet"
        ? `kubectl delete ${at}   # only where nobody needs it`
        : `kubectl label ${at} ${labels}   # only if it is this tenant's: the next up takes it over`,
    ],
  };
}

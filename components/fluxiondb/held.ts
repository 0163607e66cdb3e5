import { z } from "zod";
import { Extent, resizeRefusals, sizeOf } from "../../sizing/fluxiondb";
import { bytes } from "../../sizing/quantity";
import { RAM_ANNOTATION } from "./objects";
import type { FluxionDbPlan } from "./options";
import { NAME, namespaceNameOf, ownsClaim, storageOf } from "./plan";

/**
 * What tenants have in the cluster, and whether they can go from there to what is wanted.
 *
 * A component sees only what is wanted, a policy too, and the API server refuses a smaller claim without a word of RAM, and only once the
 * volume has grown. So a stack asks the cluster before the first resource: it tells the truth after a state was lost, too, and about what a
 * destroy has kept.
 */

const ours = `labelSelector=${encodeURIComponent(`app.kubernetes.io/part-of=stackyard,app.kubernetes.io/name=${NAME}`)}`;
/** Requests to the API server whose answers `heldBy` reads, for all tenants at once. What does not carry our labels is never seen, so never taken over. */
export const HELD_PATHS = {
  namespaces: `/api/v1/namespaces?${ours}`,
  claims: `/api/v1/persistentvolumeclaims?${ours}`,
  databases: `/apis/apps/v1/statefulsets?${ours}`,
} as const;

const Annotations = z.record(z.string(), z.string()).default({});
const Metadata = z.object({ name: z.string(), namespace: z.string(), annotations: Annotations });
const Namespaces = z.object({ items: z.array(z.object({ metadata: z.object({ name: z.string() }) })) });
const Claims = z.object({
  items: z.array(
    z.object({
      metadata: Metadata,
      spec: z.object({ storageClassName: z.string().optional(), resources: z.object({ requests: z.object({ storage: z.string() }) }) }),
    }),
  ),
});
const Sets = z.object({
  items: z.array(
    z.object({
      metadata: Metadata,
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

/** What was kept of a tenant that is no longer run: no pod, but its data. */
export interface Kept {
  readonly namespace?: boolean;
  readonly claim?: boolean;
}

/** What one tenant has. */
export interface Held extends Extent {
  readonly storageClass?: string;
  /** Nothing while there is a database: it is this stack's already, or another's. */
  readonly kept: Kept;
}

const more = (one: string | undefined, other: string | undefined): string | undefined =>
  one === undefined || (other !== undefined && bytes(other) > bytes(one)) ? other : one;

/**
 * What each tenant has, by namespace.
 *
 * @param answers to HELD_PATHS
 */
export function heldBy(answers: Readonly<Record<keyof typeof HELD_PATHS, unknown>>): Map<string, Held> {
  const held = new Map<string, Held>();
  for (const { metadata } of Namespaces.parse(answers.namespaces).items) held.set(metadata.name, { kept: { namespace: true } });
  for (const { metadata, spec } of Claims.parse(answers.claims).items.filter((claim) => claim.metadata.name === NAME)) {
    held.set(metadata.namespace, {
      ram: metadata.annotations[RAM_ANNOTATION],
      storage: spec.resources.requests.storage,
      storageClass: spec.storageClassName,
      kept: { ...held.get(metadata.namespace)?.kept, claim: true },
    });
  }
  for (const { metadata, spec } of Sets.parse(answers.databases).items) {
    const memory = spec.template.spec.containers.find(({ name }) => name === NAME)?.resources.requests.memory;
    const known = held.get(metadata.namespace);
    held.set(metadata.namespace, { ...known, ram: more(known?.ram, memory), kept: {} });
  }
  return held;
}

/** What was kept of a tenant, for the argument `kept` of its component. */
export const keptOf = (user: string, held: ReadonlyMap<string, Held>): Kept => held.get(namespaceNameOf(user))?.kept ?? {};

/** What a tenant cannot have, where it stands among the tenant's options, and why. */
export interface TenantRefusal {
  readonly user: string;
  readonly property: string;
  readonly reason: string;
}

const PROPERTY: Readonly<Record<keyof Extent, string>> = { ram: "ram", storage: "persistence.size" };

/** What of a tenant's checked options is compared with what it has. */
export type Wanted = Pick<FluxionDbPlan, "user" | "ram" | "persistence">;

/** Everything that tenants want and cannot have, because of what they have. Nothing, where all can go there. */
export const heldRefusals = (tenants: readonly Wanted[], held: ReadonlyMap<string, Held>): TenantRefusal[] =>
  tenants.flatMap((tenant) => {
    const now = held.get(namespaceNameOf(tenant.user)) ?? { kept: {} };
    const wanted = { ram: sizeOf(tenant.ram).memory, ...(ownsClaim(tenant) && { storage: storageOf(tenant) }) };
    const size = resizeRefusals(now, wanted).map(({ property, reason }) => ({ property: PROPERTY[property], reason }));
    return [...size, ...classRefusal(tenant, now)].map((refusal) => ({ user: tenant.user, ...refusal }));
  });

function classRefusal(tenant: Wanted, { storageClass: now }: Held): Omit<TenantRefusal, "user">[] {
  const { storageClass: wanted } = tenant.persistence;
  if (!ownsClaim(tenant) || wanted === undefined || now === undefined || wanted === now) return [];
  const reason = `${wanted} is not ${now}, the class that its volume has and keeps. Set it to ${now}; to move, add a tenant in ${wanted}, copy the data there and take this one out`;
  return [{ property: "persistence.storageClass", reason }];
}

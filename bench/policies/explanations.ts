import type { KubernetesObject } from "../objects";
import type { Manifest } from "./manifests";

/** Why ours says nothing of what two others find, in the manifests that it is true of. */
interface Explanation {
  readonly categories: readonly string[];
  readonly holds: (manifest: Manifest) => boolean;
  readonly reason: string;
}

interface Shown extends KubernetesObject {
  readonly spec?: {
    readonly replicas?: number;
    readonly strategy?: { readonly type?: string };
    readonly rules?: readonly { readonly host?: string }[];
    readonly selector?: object;
    readonly template?: {
      readonly spec?: {
        readonly topologySpreadConstraints?: readonly object[];
        readonly affinity?: { readonly podAntiAffinity?: object; readonly podAffinity?: object };
      };
    };
  };
}
const WORKLOADS = ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob", "Pod"];

const of = ({ objects }: Manifest, ...kinds: readonly string[]): Shown[] => objects.filter(({ kind }) => kinds.includes(kind));
const namespaceOf = ({ metadata }: Shown) => metadata.namespace ?? "default";
const isScaled = (manifest: Manifest, { kind, metadata, ...object }: Shown) =>
  of(manifest, "HorizontalPodAutoscaler").some((scaler) => {
    const { scaleTargetRef: target } = (scaler.spec ?? {}) as {
      readonly scaleTargetRef?: { readonly kind?: string; readonly name?: string };
    };
    return target?.kind === kind && target.name === metadata.name && namespaceOf(scaler) === namespaceOf({ kind, metadata, ...object });
  });

/** What runs, or may run, several pods. */
const several = (manifest: Manifest): Shown[] =>
  of(manifest, "Deployment", "StatefulSet").filter((object) => (object.spec?.replicas ?? 1) > 1 || isScaled(manifest, object));
const isSpread = ({ spec }: Shown): boolean => {
  const { affinity, topologySpreadConstraints } = spec?.template?.spec ?? {};
  return topologySpreadConstraints !== undefined || affinity?.podAntiAffinity !== undefined || affinity?.podAffinity !== undefined;
};

const EXPLANATIONS: readonly Explanation[] = [
  {
    categories: ["registry"],
    holds: () => true,
    reason:
      "`image-registry` allows every registry until `stackyard:policy` names some, as each of our stacks may; an image without one is docker.io's",
  },
  {
    categories: ["all pods on one node"],
    holds: (manifest) => several(manifest).every(isSpread),
    reason: "what has several pods is spread, or has to stand by the volume that it shares; one pod cannot be",
  },
  {
    categories: ["no disruption budget"],
    holds: (manifest) => several(manifest).length === 0,
    reason: "a budget for one pod would only block the drain of its node",
  },
  {
    categories: ["one replica"],
    holds: (manifest) => of(manifest, "Deployment").some(({ spec }) => spec?.strategy?.type === "Recreate"),
    reason: "a Deployment of type Recreate says that two of its pods would disturb each other",
  },
  {
    categories: ["Service of no pod"],
    holds: (manifest) => {
      const withPods = new Set(of(manifest, ...WORKLOADS).map(namespaceOf));
      return of(manifest, "Service").some((service) => service.spec?.selector !== undefined && !withPods.has(namespaceOf(service)));
    },
    reason: "the stack has no pod at all in the namespace of the Service: they are another's, and cannot be seen",
  },
  {
    categories: ["Ingress without TLS"],
    holds: (manifest) =>
      of(manifest, "Ingress").every(
        ({ spec }) => (spec?.rules ?? []).length > 0 && spec?.rules?.every(({ host }) => /(^|\.)localhost$/.test(host ?? "")),
      ),
    reason: "its hosts end in `.localhost`, which no other machine reaches",
  },
  {
    categories: ["probes that are the same"],
    holds: ({ objects }) => JSON.stringify(objects).includes('"tcpSocket"'),
    reason: "probes by TCP may be the same: a connection is the least that can be asked",
  },
];

/** Why ours says nothing of a category in a manifest, where that is known. */
export const explained = (category: string, manifest: Manifest): string | undefined =>
  EXPLANATIONS.find(({ categories, holds }) => categories.includes(category) && holds(manifest))?.reason;

import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { OURS } from "../components/kubernetes/metadata";
import { namespaceOf } from "../components/kubernetes/namespace";
import { quotaOf, type Quota } from "../components/kubernetes/quota";
import type { Deployed, LayerContext } from "./layer";

/** Options of a namespace that a system and its data services share. */
interface Wanted {
  readonly create: boolean;
  readonly name?: string;
  readonly labels: Record<string, string>;
  readonly podSecurity: Parameters<typeof namespaceOf>[2];
}

interface Shared {
  readonly namespace: pulumi.Input<string>;
  /** The namespace as an object that a destroy leaves; nothing where it goes, or is somebody else's. */
  readonly kept: Deployed["kept"];
}

/**
 * The namespace that a layer and its data services share: made, unless it is there already.
 *
 * @param holdsData whether claims are in it that are kept: a claim goes with its namespace, so it is kept, too
 */
export function sharedNamespace(layer: string, { provider, protect, pullsIn }: LayerContext, wanted: Wanted, holdsData: boolean): Shared {
  const name = wanted.name ?? layer;
  if (!wanted.create) {
    pullsIn(name, name);
    return { namespace: name, kept: [] };
  }
  const labels = { ...OURS, ...wanted.labels };
  const { metadata } = new k8s.core.v1.Namespace(`${layer}-namespace`, namespaceOf(name, labels, wanted.podSecurity), {
    provider,
    protect,
    retainOnDelete: holdsData,
  });
  pullsIn(name, metadata.name);
  return { namespace: metadata.name, kept: holdsData ? [{ kind: "Namespace", name: metadata.name }] : [] };
}

/** Limits what the namespace of a layer may ask of the cluster, where its section says so. What comes after it has the room that it gives. */
export const limit = (layer: string, namespace: pulumi.Input<string>, quota: Quota | undefined, opts: pulumi.CustomResourceOptions) =>
  quota ? [new k8s.core.v1.ResourceQuota(`${layer}-quota`, quotaOf(layer, namespace, quota), opts)] : [];

/** Claims as objects that a destroy leaves. */
export const keptClaims = (namespace: pulumi.Input<string>, claims: readonly pulumi.Input<string>[]): Deployed["kept"] =>
  claims.map((name) => ({ kind: "PersistentVolumeClaim", namespace, name }));

import type { Metadata } from "./metadata";

interface RemoteRef {
  readonly key: string;
  readonly property?: string;
  readonly version?: string;
}

interface Options {
  /** Name of the Secret that the operator makes. @default that of the ExternalSecret */
  readonly target?: string;
  readonly store: { readonly name: string; readonly kind: "ClusterSecretStore" | "SecretStore" };
  readonly refreshInterval: string;
  /** Key of the Secret to what it holds. */
  readonly data: Readonly<Record<string, RemoteRef>>;
}

type Named = Pick<Metadata, "namespace" | "labels"> & { readonly name?: string; readonly annotations?: Record<string, string> };

/** An ExternalSecret of the External Secrets operator. Its Secret goes with it, and stays when the provider has lost the value. */
export const externalSecretOf = (metadata: Named, { target, store, refreshInterval, data }: Options) => ({
  apiVersion: "external-secrets.io/v1",
  kind: "ExternalSecret",
  metadata,
  spec: {
    refreshInterval,
    secretStoreRef: store,
    target: { ...(target !== undefined && { name: target }), creationPolicy: "Owner", deletionPolicy: "Retain" },
    data: Object.entries(data).map(([secretKey, remoteRef]) => ({ secretKey, remoteRef })),
  },
});

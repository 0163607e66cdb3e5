import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { childrenOf, Transform } from "../kubernetes/child";
import { labelsOf, Metadata, selectorOf } from "../kubernetes/metadata";
import { networkPolicyOf, Peer, Reachable } from "../kubernetes/network";
import { containerSecurityOf, userOf } from "../kubernetes/security";
import { serviceOf } from "../kubernetes/service";
import { claimOf, scratchOf } from "../kubernetes/volumes";
import { podOf, singletonOf } from "../kubernetes/workload";

type Container = k8s.types.input.core.v1.Container;

/** What each of the data services takes beside its options. */
export interface BackingArgs {
  /** Namespace that everything is in. It exists already, and stays as long as the data is wanted: a claim goes with its namespace. */
  readonly namespace: pulumi.Input<string>;
  /** Who may connect. @default every pod of the same namespace */
  readonly clients?: readonly Peer[];
  /** Last word on single children. */
  readonly transform?: {
    readonly claim?: Transform<ReturnType<typeof claimOf>>;
    readonly service?: Transform<ReturnType<typeof serviceOf>>;
    readonly pods?: Transform<ReturnType<typeof storeOf>>;
    readonly networkPolicy?: Transform<ReturnType<typeof networkPolicyOf>>;
  };
}

/** What the programs differ in. */
export interface Program {
  readonly app: string;
  readonly port: number;
  /** User of the image, who owns its data. */
  readonly user: number;
  /** Where the program keeps its data. */
  readonly dataPath: string;
  readonly container: Omit<Container, "name" | "ports" | "securityContext" | "volumeMounts">;
  /** Runs before it, on the same data. */
  readonly prepare?: Omit<Container, "securityContext" | "volumeMounts">;
  /** Folders beside /tmp that it writes and may lose. */
  readonly scratch?: readonly string[];
  /** Secret that the program reads as files. */
  readonly files?: { readonly mountPath: string; readonly secretName: pulumi.Input<string> };
}

/** One pod on one claim. */
export const storeOf = (metadata: Metadata, selector: Record<string, string>, program: Program) => {
  const { app, port, user, dataPath, prepare, files } = program;
  const scratch = scratchOf(["/tmp", ...(program.scratch ?? [])], "64Mi");
  const shared = {
    securityContext: containerSecurityOf(),
    volumeMounts: [
      // below the volume's root, where some file systems keep a lost+found
      { name: "data", mountPath: dataPath, subPath: app },
      ...scratch.mounts,
      ...(files ? [{ name: "files", mountPath: files.mountPath, readOnly: true }] : []),
    ],
  };
  return singletonOf(metadata, {
    selector,
    spec: podOf(userOf(user), {
      initContainers: prepare ? [{ ...shared, ...prepare }] : [],
      containers: [{ ...shared, name: app, ports: [{ name: app, containerPort: port }], ...program.container }],
      volumes: [
        { name: "data", persistentVolumeClaim: { claimName: metadata.name } },
        ...scratch.volumes,
        ...(files ? [{ name: "files", secret: { secretName: files.secretName } }] : []),
      ],
    }),
  });
};

export const metadataOf = (app: string, name: string, namespace: pulumi.Input<string>): Metadata => ({
  name,
  namespace,
  labels: labelsOf(selectorOf(app, name)),
});

interface Served {
  /** Host and port inside the cluster. */
  readonly address: pulumi.Output<string>;
  readonly claim: pulumi.Output<string>;
  readonly reachable: Reachable;
}

/** Claim, Service, fence and pod of one data service. The claim stays when the service is taken out of the program. */
export function serve(
  parent: pulumi.ComponentResource,
  name: string,
  { namespace, clients = [{ podLabels: {} }], transform = {} }: BackingArgs,
  { storage, storageClass }: { readonly storage: string; readonly storageClass?: string },
  program: Program,
): Served {
  const { app, port } = program;
  const child = childrenOf(parent, name);
  const metadata = metadataOf(app, name, namespace);
  const selector = selectorOf(app, name);

  const claim = child(k8s.core.v1.PersistentVolumeClaim, "claim", claimOf(metadata, storage, storageClass), transform.claim, {
    retainOnDelete: true,
  });
  const fence = networkPolicyOf(metadata, selector, [{ peers: clients, ports: [port] }], []);
  child(k8s.networking.v1.NetworkPolicy, "network-policy", fence, transform.networkPolicy);
  child(k8s.core.v1.Service, "service", serviceOf(metadata, selector, [{ name: app, port }]), transform.service);
  child(k8s.apps.v1.StatefulSet, "pods", storeOf(metadata, selector, program), transform.pods);

  return {
    address: pulumi.interpolate`${name}.${namespace}.svc:${port}`,
    claim: claim.metadata.name,
    reachable: { peer: { namespace, podLabels: selector }, port },
  };
}

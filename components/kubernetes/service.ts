import type * as k8s from "@pulumi/kubernetes";
import { Metadata, SKIP_AWAIT } from "./metadata";

export interface NamedPort {
  readonly name: string;
  readonly port: number;
}

interface Options {
  readonly type?: "ClusterIP" | "NodePort" | "LoadBalancer";
  readonly annotations?: Record<string, string>;
}

/** Each port leads to the container port of the same name. Waited for only where the cluster has to find an address for it. */
export const serviceOf = (
  metadata: Metadata,
  selector: Record<string, string>,
  ports: readonly NamedPort[],
  { type = "ClusterIP", annotations = {} }: Options = {},
) =>
  ({
    metadata: { ...metadata, annotations: { ...(type !== "LoadBalancer" && SKIP_AWAIT), ...annotations } as Record<string, string> },
    spec: { type, selector, ports: ports.map(({ name, port }) => ({ name, port, targetPort: name })) },
  }) satisfies k8s.core.v1.ServiceArgs;

/** A name that resolves to the pods themselves. */
export const headlessOf = (metadata: Metadata, selector: Record<string, string>, ports: readonly NamedPort[]) =>
  ({
    metadata: { ...metadata, annotations: { ...SKIP_AWAIT } as Record<string, string> },
    spec: { clusterIP: "None", selector, ports: ports.map(({ name, port }) => ({ name, port, targetPort: name })) },
  }) satisfies k8s.core.v1.ServiceArgs;

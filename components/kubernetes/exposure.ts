import type * as k8s from "@pulumi/kubernetes";
import type { z } from "zod";
import { edgeFor, NGINX } from "./edge-options";
import type { Metadata } from "./metadata";
import type { exposure } from "./options";

type Exposure = z.output<z.ZodObject<ReturnType<typeof exposure>>>;

/** An annotation of ingress-nginx. */
export const nginx = (annotations: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(annotations).map(([key, value]) => [`${NGINX}/${key}`, value]));

/** Limits and certificates of an Ingress, as annotations; a controller that is not ingress-nginx has limits of its own. */
export const exposureAnnotations = (options: Omit<Exposure, "hosts"> & { readonly hosts?: unknown }): Record<string, string> => ({
  ...(edgeFor(options) === "nginx" &&
    nginx({
      "proxy-body-size": options.bodySize,
      "proxy-read-timeout": `${options.readTimeoutSeconds}`,
      "proxy-send-timeout": `${options.sendTimeoutSeconds}`,
      ...(options.sslRedirect !== undefined && { "ssl-redirect": `${options.sslRedirect}` }),
    })),
  ...(options.clusterIssuer !== undefined && { "cert-manager.io/cluster-issuer": options.clusterIssuer }),
});

interface Backend {
  readonly service: string;
  /** Name of the Service's port. */
  readonly port: string;
}

export const ingressOf = (
  metadata: Metadata,
  { className, hosts, tls }: Pick<Exposure, "className" | "hosts" | "tls">,
  { service, port }: Backend,
  annotations: Record<string, string>,
) =>
  ({
    metadata: { ...metadata, annotations },
    spec: {
      ingressClassName: className,
      tls: tls.length > 0 ? tls : undefined,
      rules: hosts.map(({ host, paths }) => ({
        host,
        http: { paths: paths.map((path) => ({ ...path, backend: { service: { name: service, port: { name: port } } } })) },
      })),
    },
  }) satisfies k8s.networking.v1.IngressArgs;

/** Addresses under which an exposed system is reached from outside. */
export const urlsOf = ({ hosts, tls }: { hosts: readonly { host: string }[]; tls: Exposure["tls"] }): string[] => {
  const secured = new Set(tls.flatMap((entry) => entry.hosts));
  return hosts.map(({ host }) => `${secured.has(host) ? "https" : "http"}://${host}`);
};

import type * as k8s from "@pulumi/kubernetes";
import { exposureAnnotations, nginx } from "../kubernetes/exposure";
import { labelsOf } from "../kubernetes/metadata";
import { Plan, selectorFor } from "./plan";

/** What is before a path is matched as text, so a dot must be one. */
const escaped = (path: string): string => path.replace(/\/+$/, "").replaceAll(".", "[.]");

/** A path as ingress-nginx matches it; its second group is what the Service gets. */
const pattern = (path: string): string => (escaped(path) === "" ? "/()(.*)" : `${escaped(path)}(/|$)(.*)`);

/** One Ingress for all hosts: each path leads to its Service without that path (contract 3.4). */
export const plinkoIngressOf = (plan: Plan) => {
  const { ingress, labels } = plan.options;
  const { hosts, tls } = plan.edge;
  return {
    metadata: {
      name: plan.name,
      namespace: plan.namespace,
      labels: labelsOf(selectorFor(plan), labels),
      annotations: {
        ...exposureAnnotations({ ...ingress, hosts: [] }),
        ...nginx({
          "use-regex": "true",
          "rewrite-target": "/$2",
          ...(ingress.forceSslRedirect !== undefined && { "force-ssl-redirect": `${ingress.forceSslRedirect}` }),
          ...(ingress.cors.enabled && {
            "enable-cors": "true",
            "cors-allow-origin": ingress.cors.origin,
            "cors-allow-methods": "GET, HEAD, POST, OPTIONS",
            "cors-allow-headers": "Origin, X-Requested-With, Content-Type, Accept, Range",
            "cors-expose-headers": "Content-Length, Content-Range, Accept-Ranges",
            "cors-max-age": "3600",
          }),
        }),
        ...ingress.annotations,
      } as Record<string, string>,
    },
    spec: {
      ingressClassName: ingress.className,
      tls: tls.length > 0 ? tls : undefined,
      rules: hosts.map(({ host, paths }) => ({
        host: host || undefined,
        http: {
          paths: paths.map(({ path, service }) => ({
            path: pattern(path),
            pathType: "ImplementationSpecific",
            backend: { service: { name: `${plan.name}-${service}`, port: { name: "http" } } },
          })),
        },
      })),
    },
  } satisfies k8s.networking.v1.IngressArgs;
};

/** Addresses outside, one a host that is named. */
export const hostUrlsOf = ({ options, edge }: Plan): string[] => {
  const secured = new Set(edge.tls.flatMap(({ hosts }) => hosts));
  return options.ingress.enabled
    ? edge.hosts.flatMap(({ host }) => (host ? [`${secured.has(host) ? "https" : "http"}://${host}`] : []))
    : [];
};

import type * as k8s from "@pulumi/kubernetes";
import { edgeFor } from "../kubernetes/edge-options";
import { exposureAnnotations, nginx } from "../kubernetes/exposure";
import { gatewayObjectsOf } from "../kubernetes/gateway";
import { labelsOf, type Metadata } from "../kubernetes/metadata";
import { originsOf } from "./served-options";
import { optionsFor } from "./objects";
import { Plan, selectorFor } from "./plan";

/** What is before a path is matched as text, so a dot must be one. */
const escaped = (path: string): string => path.replace(/\/+$/, "").replaceAll(".", "[.]");

/** A path as ingress-nginx matches it; its second group is what the Service gets. */
const pattern = (path: string): string => (escaped(path) === "" ? "/()(.*)" : `${escaped(path)}(/|$)(.*)`);

const CORS = {
  methods: ["GET", "HEAD", "POST", "OPTIONS"],
  headers: ["Origin", "X-Requested-With", "Content-Type", "Accept", "Range"],
  exposed: ["Content-Length", "Content-Range", "Accept-Ranges"],
  maxAgeSeconds: 3600,
};

const metadataOf = (plan: Plan): Metadata => ({
  name: plan.name,
  namespace: plan.namespace,
  labels: labelsOf(selectorFor(plan), plan.options.labels),
});

/** What ingress-nginx alone is told: to take paths off, and CORS. */
const annotationsOf = ({ forceSslRedirect, cors }: Plan["options"]["ingress"]): Record<string, string> =>
  nginx({
    "use-regex": "true",
    "rewrite-target": "/$2",
    ...(forceSslRedirect !== undefined && { "force-ssl-redirect": `${forceSslRedirect}` }),
    ...(cors.enabled && {
      "enable-cors": "true",
      "cors-allow-origin": cors.origin,
      "cors-allow-methods": CORS.methods.join(", "),
      "cors-allow-headers": CORS.headers.join(", "),
      "cors-expose-headers": CORS.exposed.join(", "),
      "cors-max-age": `${CORS.maxAgeSeconds}`,
    }),
  });

/** One Ingress for all hosts: each path leads to its Service without that path (contract 3.4). */
export const plinkoIngressOf = (plan: Plan) => {
  const { ingress } = plan.options;
  const { hosts, tls } = plan.edge;
  const onNginx = edgeFor(ingress) === "nginx";
  return {
    metadata: {
      ...metadataOf(plan),
      annotations: {
        ...exposureAnnotations({ ...ingress, hosts: [] }),
        ...(onNginx && annotationsOf(ingress)),
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
            ...(onNginx ? { path: pattern(path), pathType: "ImplementationSpecific" } : { path: "/", pathType: "Prefix" }),
            backend: { service: { name: `${plan.name}-${service}`, port: { name: "http" } } },
          })),
        },
      })),
    },
  } satisfies k8s.networking.v1.IngressArgs;
};

/** What serves the hosts where a Gateway is named; each path leads to its Service without that path there, too. */
export const plinkoGatewayOf = (plan: Plan) => {
  const { gateway, cors, ...edge } = plan.options.ingress;
  const { hosts, tls } = plan.edge;
  if (gateway === undefined) return [];
  const sites = hosts.map(({ host, paths }) => ({
    host: host || undefined,
    served: paths.map(({ path, service }) => ({
      paths: [{ path: path.replace(/\/+$/, "") || "/" }],
      service: `${plan.name}-${service}`,
      port: optionsFor(plan)[service].service.port,
      stripped: true,
    })),
  }));
  return gatewayObjectsOf(metadataOf(plan), {
    ...edge,
    gateway,
    sites,
    tls,
    ...(cors.enabled && { cors: { ...CORS, origins: originsOf(cors.origin) } }),
  });
};

/** Addresses outside, one a host that is named. */
export const hostUrlsOf = ({ options, edge }: Plan): string[] => {
  const secured = new Set(edge.tls.flatMap(({ hosts }) => hosts));
  return options.ingress.enabled
    ? edge.hosts.flatMap(({ host }) => (host ? [`${secured.has(host) ? "https" : "http"}://${host}`] : []))
    : [];
};

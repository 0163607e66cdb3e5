import * as z from "zod";
import { NGINX, REMOVE, checkPaths, edgeCheck, edgeFor, needsNginx } from "../kubernetes/edge-options";
import { AbsolutePath, Annotations, DnsLabel, Duration, Labels, Port, checkTls, exposure, flag } from "../kubernetes/options";

/** How dotdo is reached, watched and fenced in. */

export const Service = z
  .strictObject({
    type: z.enum(["ClusterIP", "NodePort", "LoadBalancer"]).default("ClusterIP").meta({ description: "Type of the Service." }),
    port: Port.default(8787).meta({ description: "HTTP port of both Services." }),
    targetPort: Port.default(8787).meta({ description: "Port that the container listens on; its command fixes 8787." }),
    rpcPort: Port.nullable()
      .default(8788)
      .meta({ description: "Port for calls between pods; null leaves it out. Nothing in today's image listens on it." }),
    annotations: Annotations.default({}).meta({ description: "Annotations of the Service." }),
    labels: Labels.default({}).meta({ description: "Further labels of the Service." }),
  })
  .refine(({ port, targetPort, rpcPort }) => rpcPort !== port && rpcPort !== targetPort, {
    path: ["rpcPort"],
    error: "is the HTTP port (service.port or targetPort): choose another, or null for none",
  })
  .prefault({})
  .meta({ description: "Service that clients use, and headless Service for calls between pods." });

const edge = exposure([{ host: "do.example.com" }], "50m", 3600);

/** Annotations that ingress-nginx takes before the hash, or for it. */
const OVERRIDES = new RegExp(`^${NGINX}/(upstream-hash-by|affinity|session-cookie-|service-upstream$|canary)`);

export const Ingress = z
  .strictObject({
    ...edge,
    routing: z.enum(["two-ingresses", "map", "none"]).default("two-ingresses").meta({
      description:
        "How a request finds its pod: by X-DO-ID, or by URI where the header is absent. two-ingresses needs nothing of the controller; map needs the variable $dotdo_hash_key in the controller's http-snippet; none sends it to any pod. A Gateway hashes by routes of its own, unless it is none.",
    }),
  })
  .superRefine(checkTls)
  .superRefine(edgeCheck(edge))
  .superRefine(checkPaths)
  .superRefine((ingress, context) => {
    const { enabled, routing, className, annotations } = ingress;
    if (!enabled || routing === "none") return;
    const wrong = (path: string[], message: string, params?: typeof REMOVE) => context.addIssue({ code: "custom", path, message, params });
    const served = edgeFor(ingress);
    if (served === "other") wrong(["routing"], needsNginx(`"${routing}"`, className, "set ingress.routing to none"));
    if (served === "gateway" && routing === "map") {
      wrong(["routing"], '"map" is for ingress-nginx; beside ingress.gateway HTTPRoutes do it, with nothing to set: leave it out', REMOVE);
    }
    if (served !== "nginx") return;
    for (const key of Object.keys(annotations).filter((key) => OVERRIDES.test(key))) {
      wrong(["annotations", key], "would override the hash by X-DO-ID: take it out, or set ingress.routing to none", REMOVE);
    }
  })
  .prefault({})
  .meta({ description: "Ingress with consistent hashing." });

export const Linkerd = z
  .strictObject({
    enabled: flag(true, "Ask Linkerd to put its proxy into the pods. Without Linkerd in the cluster nothing happens."),
    mtls: flag(
      false,
      "Refuse clients outside the mesh; ingress controller and Prometheus must be meshed then. Meshed pods speak mTLS either way.",
    ),
    cni: flag(
      true,
      "Linkerd's CNI plugin is installed. Without it the proxy's init container breaks the restricted pod security standard.",
    ),
    namespace: DnsLabel.default("linkerd").meta({ description: "Namespace of Linkerd's control plane." }),
    vizNamespace: DnsLabel.default("linkerd-viz").meta({ description: "Namespace of Linkerd's dashboard, let in for metrics and tap." }),
  })
  .prefault({})
  .meta({ description: "Linkerd service mesh." });

export const Prometheus = z
  .strictObject({
    enabled: flag(true, "Let Prometheus scrape the pods."),
    path: AbsolutePath.default("/metrics").meta({ description: "Path that is scraped. Today's image has no such route." }),
    namespace: DnsLabel.default("monitoring").meta({ description: "Namespace of Prometheus, let in by the network policy." }),
    serviceMonitor: z
      .strictObject({
        enabled: flag(true, "Make a ServiceMonitor. Off: the pods carry the prometheus.io annotations instead."),
        namespace: DnsLabel.optional().meta({ description: "Namespace of the ServiceMonitor. Default: that of dotdo." }),
        interval: Duration.default("30s").meta({ description: "Time between scrapes." }),
        scrapeTimeout: Duration.default("10s").meta({ description: "Time until a scrape counts as failed." }),
        labels: Labels.default({}).meta({ description: "Labels that the Prometheus selects by, such as release: prometheus." }),
        relabelings: z.array(z.looseObject({})).default([]).meta({ description: "Prometheus relabelings, as they are." }),
        metricRelabelings: z.array(z.looseObject({})).default([]).meta({ description: "Prometheus metric relabelings, as they are." }),
      })
      .prefault({})
      .meta({ description: "ServiceMonitor of the Prometheus operator." }),
  })
  .prefault({})
  .meta({ description: "Metrics." });

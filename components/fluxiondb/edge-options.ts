import * as z from "zod";
import { edgeCheck, edgeFor } from "../kubernetes/edge-options";
import { Annotations, DnsLabel, HostName, Labels, NetworkPeer, NetworkRule, Port, exposure, flag } from "../kubernetes/options";
import { GatewayProxy } from "../kubernetes/workload-options";

/** How a tenant's database is reached, and by whom. */

/** Stands for the tenant in patterns. */
const USER = "{user}";
export const filled = (pattern: string, user: string): string => pattern.replaceAll(USER, user);

const fitting = (form: z.ZodType, what: string) =>
  z
    .string()
    .refine((pattern) => form.safeParse(filled(pattern, "user")).success, { error: ({ input }) => `"${String(input)}" is no ${what}` });

const HostPattern = fitting(
  HostName,
  `host pattern: write a host name with ${USER} where the tenant stands, such as ${USER}.fluxiondb.com`,
).refine((pattern) => pattern.includes(USER), {
  error: ({ input }) => `"${String(input)}" would be the host of every tenant: put ${USER} where the tenant stands`,
});

export const Service = z
  .strictObject({
    type: z.enum(["ClusterIP", "NodePort", "LoadBalancer"]).default("ClusterIP").meta({ description: "Type of the Service." }),
    port: Port.default(8080).meta({ description: "Port of the Service. The program itself always listens on 8080." }),
    annotations: Annotations.default({}).meta({ description: "Annotations of the Service." }),
  })
  .prefault({})
  .meta({ description: "Service that clients use." });

const edge = exposure([], "1m", 3600);
const { className, controller, gateway, annotations, sslRedirect, bodySize, readTimeoutSeconds, sendTimeoutSeconds } = edge;

export const Ingress = z
  .strictObject({
    enabled: flag(false, "Whether there is an Ingress."),
    className,
    controller,
    gateway,
    accessLog: z
      .enum(["without-query"], { error: "can only be without-query: the query of an address has the tenant's key" })
      .optional()
      .meta({
        description:
          "Says that a Gateway, or a controller that is not ingress-nginx, logs addresses without their query, in which clients send the key. ingress-nginx is told to log none.",
      }),
    annotations,
    host: HostPattern.default(`${USER}.fluxiondb.com`).meta({
      description: `Host of each tenant; ${USER} stands for the tenant, so that no two share one.`,
    }),
    sslRedirect,
    bodySize,
    readTimeoutSeconds,
    sendTimeoutSeconds,
    tls: z
      .strictObject({
        enabled: flag(true, "Serve HTTPS. Off: the key travels in clear, in each request's address."),
        secretName: fitting(DnsLabel, `name of a Secret: use a-z, 0-9, "-" and ${USER}`)
          .default(`${USER}-fluxiondb-tls`)
          .meta({ description: `Secret that holds the certificate, or that cert-manager writes it to; ${USER} stands for the tenant.` }),
        clusterIssuer: DnsLabel.nullable()
          .default("letsencrypt-prod")
          .meta({ description: "cert-manager ClusterIssuer that obtains the certificate; null: the Secret is there already." }),
      })
      .prefault({})
      .meta({ description: "Certificate." }),
  })
  .superRefine(edgeCheck(edge))
  .superRefine((ingress, context) => {
    if (!ingress.enabled || ingress.accessLog !== undefined) return;
    const served = edgeFor(ingress);
    const message = {
      nginx: undefined,
      gateway: `Gateway "${ingress.gateway?.name}": have its EnvoyProxy log %REQ_WITHOUT_QUERY(:PATH)%, or nothing`,
      other: `class "${ingress.className}": have its controller log addresses without their query, or nothing (or set ingress.controller to nginx if ingress-nginx serves it, which is told so)`,
    }[served];
    if (message === undefined) return;
    context.addIssue({
      code: "custom",
      path: ["accessLog"],
      message: `is missing: clients send the key in the address, which would be logged by ${message}; then set it to without-query`,
    });
  })
  .prefault({})
  .meta({ description: "Ingress of each tenant." });

export const NetworkPolicy = z
  .strictObject({
    enabled: flag(true, "Refuse everybody who is not named here."),
    clients: z
      .union([z.literal("anywhere"), z.array(NetworkPeer)])
      .optional()
      .meta({
        description:
          'Who may connect, or "anywhere". Default: pods of any namespace that carry the label stackyard.dev/fluxiondb-client: <user>.',
      }),
    ingressController: z
      .strictObject({
        namespace: DnsLabel.default("ingress-nginx").meta({ description: "Namespace of the ingress controller." }),
        podLabels: Labels.default({}).meta({ description: "Labels of its pods; all pods of the namespace if empty." }),
      })
      .prefault({})
      .meta({ description: "Let in where there is an Ingress." }),
    gatewayProxy: GatewayProxy,
    egress: z.array(NetworkRule).default([]).meta({ description: "What the pod may reach beside DNS. The database connects to nothing." }),
  })
  .prefault({})
  .meta({ description: "Who may talk to the database. All else in the namespace is refused, both ways." });

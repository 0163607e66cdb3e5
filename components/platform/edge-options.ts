import * as z from "zod";
import { Annotations, DnsLabel, flag, HostName, Labels, Positive, Resources } from "../kubernetes/options";
import { checkExisting, installed, Replicas } from "./part-options";

const Host = z
  .strictObject({
    host: HostName,
    secretName: DnsLabel.optional().meta({
      description: "Secret of the Gateway's namespace with the certificate. Default: made from the host; cert-manager writes to it.",
    }),
  })
  .meta({ description: "Host that is served over HTTPS." });

const Service = z
  .strictObject({
    type: z.enum(["LoadBalancer", "NodePort", "ClusterIP"]).default("LoadBalancer").meta({ description: "How the proxies are reached." }),
    annotations: Annotations.default({}).meta({ description: "Annotations of the Service, which are the cloud's load balancer's." }),
    externalTrafficPolicy: z
      .enum(["Local", "Cluster"])
      .default("Local")
      .meta({ description: "Local keeps the address of the client; Cluster reaches proxies on any node." }),
    loadBalancerClass: z.string().min(1).optional().meta({ description: "Class of the load balancer. Default: the cloud's." }),
    sourceRanges: z.array(z.cidrv4()).default([]).meta({ description: "Addresses that the load balancer lets in. Empty: all." }),
  })
  .prefault({})
  .meta({ description: "Service in front of the proxies." });

const Proxies = z
  .strictObject({
    replicas: Positive.default(2).meta({ description: "Proxies." }),
    resources: Resources({ cpu: "100m", memory: "512Mi" }, { cpu: "2", memory: "1Gi" }),
  })
  .prefault({})
  .meta({ description: "Envoy proxies that carry the traffic." });

const Gateway = z
  .strictObject({
    ...installed("Envoy Gateway", "envoy-gateway-system", "Envoy Gateway, its class and the shared Gateway are"),
    crds: flag(true, "Install the CRDs of Gateway API and Envoy Gateway. False where the cluster's provider brings them."),
    replicas: Replicas("the controller"),
    className: DnsLabel.default("eg").meta({ description: "GatewayClass." }),
    name: DnsLabel.default("edge").meta({ description: "The Gateway that all systems share." }),
    httpListener: DnsLabel.default("http").meta({ description: "Listener for plain HTTP: Let's Encrypt asks there." }),
    hosts: z.array(Host).default([]).meta({ description: "Hosts that are served over HTTPS. Plain HTTP is for all hosts." }),
    clusterIssuer: DnsLabel.optional().meta({ description: "ClusterIssuer that obtains the certificates of `hosts`." }),
    routesFrom: Labels.default({ "app.kubernetes.io/part-of": "stackyard" }).meta({
      description: "Labels of the namespaces whose routes and listeners may attach. Those that Stackyard makes carry the default.",
    }),
    proxies: Proxies,
    service: Service,
  })
  .superRefine(checkExisting)
  .superRefine(({ existing, hosts, clusterIssuer }, context) => {
    const unused = [...(hosts.length > 0 ? ["hosts"] : []), ...(clusterIssuer !== undefined ? ["clusterIssuer"] : [])];
    for (const name of existing ? unused : []) {
      const message = "is not used where `existing` is true: the Gateway's owner says it; leave one of them out";
      context.addIssue({ code: "custom", path: [name], message, params: { remedy: "remove" } });
    }
    const names = hosts.map(({ host }) => host);
    names.forEach((host, index) => {
      if (names.indexOf(host) === index) return;
      context.addIssue({ code: "custom", path: ["hosts", index, "host"], message: `"${host}" stands there twice: take one out` });
    });
  })
  .meta({ description: "Gateway API edge: Envoy Gateway. `{}` takes all defaults." });
export type Gateway = z.output<typeof Gateway>;

const Ingress = z
  .strictObject({
    className: DnsLabel.default("nginx").meta({ description: "IngressClass that is on the cluster." }),
    namespace: DnsLabel.default("ingress-nginx").meta({ description: "Namespace of its controller, which network policies let in." }),
  })
  .meta({ description: "Ingress edge: a class that is there already. None is installed: ingress-nginx was retired in March 2026." });

export const Edge = z
  .strictObject({ gateway: Gateway.optional(), ingress: Ingress.optional() })
  .refine(({ gateway, ingress }) => gateway !== undefined || ingress !== undefined, {
    path: ["gateway"],
    error: "is missing: write `gateway: {}` for Envoy Gateway, or name the class that is there in `ingress`",
  })
  .meta({ description: "What traffic from outside goes through. Both, while a cluster moves from one to the other." });
export type Edge = z.output<typeof Edge>;

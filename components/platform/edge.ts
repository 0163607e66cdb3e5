import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { filled } from "../kubernetes/filled";
import type { Transform } from "../kubernetes/child";
import type { Gateway } from "./edge-options";
import { LABELS, type Room } from "./room";

const CONTROLLER = "gateway.envoyproxy.io/gatewayclass-controller";
/** The engine waits until the load balancer has an address, which is what DNS records are made from. */
const WAIT = { "pulumi.com/waitFor": "condition=Programmed" };

/** Values of the chart (charts/gateway-helm/values.tmpl.yaml of v1.9.1). */
interface Values {
  readonly crds: { readonly enabled: boolean };
  readonly deployment: { readonly replicas: number };
  readonly podDisruptionBudget: { readonly minAvailable: number };
}

export const envoyGatewayValues = ({ crds, replicas }: Gateway): Values => ({
  crds: { enabled: crds },
  deployment: { replicas },
  podDisruptionBudget: { minAvailable: replicas > 1 ? 1 : 0 },
});

/** Labels of the proxies of the shared Gateway: network policies find them by these. */
export const proxyLabelsOf = ({ name, namespace }: Gateway): Record<string, string> => ({
  "gateway.envoyproxy.io/owning-gateway-name": name,
  "gateway.envoyproxy.io/owning-gateway-namespace": namespace,
});

/** What the proxies log of each request. Never the query: FluxionDB's clients send their key in it (contract 2.1). */
const ACCESS_LOG = {
  format: {
    type: "JSON",
    json: {
      start_time: "%START_TIME%",
      method: "%REQ(:METHOD)%",
      host: "%REQ(:AUTHORITY)%",
      path: "%REQ_WITHOUT_QUERY(X-ENVOY-ORIGINAL-PATH?:PATH)%",
      protocol: "%PROTOCOL%",
      response_code: "%RESPONSE_CODE%",
      response_flags: "%RESPONSE_FLAGS%",
      bytes_received: "%BYTES_RECEIVED%",
      bytes_sent: "%BYTES_SENT%",
      duration_ms: "%DURATION%",
      upstream_host: "%UPSTREAM_HOST%",
      request_id: "%REQ(X-REQUEST-ID)%",
    },
  },
  sinks: [{ type: "File", file: { path: "/dev/stdout" } }],
};

/** How the proxies of the class are deployed, and the Service in front of them, which makes the load balancer. */
export function envoyProxyOf(gateway: Gateway, namespace: pulumi.Input<string>) {
  const { className, proxies, service } = gateway;
  const spread = {
    maxSkew: 1,
    topologyKey: "kubernetes.io/hostname",
    whenUnsatisfiable: "ScheduleAnyway",
    labelSelector: { matchLabels: proxyLabelsOf(gateway) },
  };
  const isBalanced = service.type === "LoadBalancer";
  return {
    apiVersion: "gateway.envoyproxy.io/v1alpha1",
    kind: "EnvoyProxy",
    metadata: { name: className, namespace, labels: LABELS },
    spec: {
      telemetry: { accessLog: { settings: [ACCESS_LOG] } },
      provider: {
        type: "Kubernetes",
        kubernetes: {
          envoyDeployment: {
            replicas: proxies.replicas,
            container: { resources: proxies.resources },
            pod: { topologySpreadConstraints: [spread] },
          },
          ...(proxies.replicas > 1 && { envoyPDB: { maxUnavailable: 1 } }),
          envoyService: {
            type: service.type,
            annotations: filled(service.annotations),
            ...(service.type !== "ClusterIP" && { externalTrafficPolicy: service.externalTrafficPolicy }),
            ...(isBalanced && { loadBalancerClass: service.loadBalancerClass, loadBalancerSourceRanges: filled(service.sourceRanges) }),
          },
        },
      },
    },
  };
}

export const gatewayClassOf = (name: string, namespace: pulumi.Input<string>) => ({
  apiVersion: "gateway.networking.k8s.io/v1",
  kind: "GatewayClass",
  metadata: { name, labels: LABELS },
  spec: {
    controllerName: CONTROLLER,
    parametersRef: { group: "gateway.envoyproxy.io", kind: "EnvoyProxy", name, namespace },
  },
});

/** A host as part of a name of 63 characters at most: `*.example.com` is `any-example-com`. */
const slugOf = (host: string) => host.replace("*", "any").replaceAll(".", "-");

/** Listener that routes of one host attach to. */
export const listenerOf = (host: string): string => `https-${slugOf(host)}`.slice(0, 63).replace(/-+$/, "");

/** Host to the Secret that has its certificate. */
export const certificateOf = (host: string, secretName?: string): string => secretName ?? `${slugOf(host)}-tls`;

/** The Gateway that all systems share: HTTP for all hosts, HTTPS for those that are named. */
export function gatewayOf({ name, className, httpListener, hosts, clusterIssuer, routesFrom }: Gateway, namespace: pulumi.Input<string>) {
  const namespaces = { from: "Selector", selector: { matchLabels: routesFrom } };
  const allowedRoutes = { namespaces };
  return {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "Gateway",
    metadata: {
      name,
      namespace,
      labels: LABELS,
      annotations: { ...WAIT, ...(clusterIssuer && { "cert-manager.io/cluster-issuer": clusterIssuer }) } as Record<string, string>,
    },
    spec: {
      gatewayClassName: className,
      allowedListeners: { namespaces },
      listeners: [
        { name: httpListener, protocol: "HTTP", port: 80, allowedRoutes },
        ...hosts.map(({ host, secretName }) => ({
          name: listenerOf(host),
          protocol: "HTTPS",
          port: 443,
          hostname: host,
          allowedRoutes,
          tls: { mode: "Terminate", certificateRefs: [{ group: "", kind: "Secret", name: certificateOf(host, secretName) }] },
        })),
      ],
    },
  };
}

interface Status {
  readonly addresses?: readonly { readonly type?: string; readonly value: string }[];
}

/** The Gateway as it is once it has an address. */
class SharedGateway extends k8s.apiextensions.CustomResource {
  declare readonly status: pulumi.Output<Status | undefined>;

  constructor(name: string, args: k8s.apiextensions.CustomResourceArgs, opts?: pulumi.CustomResourceOptions) {
    super(name, { ...args, status: undefined }, opts);
  }
}

export interface EdgeTransform {
  readonly envoyProxy?: Transform<ReturnType<typeof envoyProxyOf>>;
  readonly gatewayClass?: Transform<ReturnType<typeof gatewayClassOf>>;
  readonly gateway?: Transform<ReturnType<typeof gatewayOf>>;
}

/** What others need of the shared Gateway. */
export interface GatewayUse {
  readonly name: pulumi.Output<string>;
  readonly namespace: pulumi.Output<string>;
  readonly className: pulumi.Output<string>;
  /** Listener for plain HTTP, of all hosts. */
  readonly httpListener: string;
  /** Host to the listener for HTTPS that its routes attach to; those that are the platform's own. */
  readonly listeners: Readonly<Record<string, string>>;
  /** Labels of the proxies. */
  readonly proxyLabels: Record<string, string>;
  /** Addresses of the load balancer, IP addresses or names; empty where the Gateway was there already. */
  readonly addresses: pulumi.Output<string[]>;
}

/** Installs Envoy Gateway: CRDs and controller. */
export function installEnvoyGateway(room: Room, gateway: Gateway): k8s.helm.v3.Release {
  const namespace = room.namespace(gateway.namespace);
  const wanted = { name: "envoy-gateway", namespace, values: envoyGatewayValues(gateway), version: gateway.version };
  return room.release("envoyGateway", wanted);
}

/**
 * Makes the class and the shared Gateway, unless they are there already.
 *
 * @param after what must be there before: the controller, and the issuer that its certificates come from
 */
export function shareGateway(room: Room, gateway: Gateway, after: readonly pulumi.Resource[], transform: EdgeTransform = {}): GatewayUse {
  const { name, className } = gateway;
  const use = {
    name: pulumi.output(name),
    className: pulumi.output(className),
    httpListener: gateway.httpListener,
    listeners: Object.fromEntries(gateway.hosts.map(({ host }) => [host, listenerOf(host)])),
    proxyLabels: proxyLabelsOf(gateway),
  };
  if (gateway.existing) return { ...use, namespace: pulumi.output(gateway.namespace), addresses: pulumi.output([]) };

  const namespace = room.namespace(gateway.namespace);
  const opts = { dependsOn: [...after] };
  const custom = k8s.apiextensions.CustomResource;
  const proxy = room.child(custom, "envoy-proxy", envoyProxyOf(gateway, namespace), transform.envoyProxy, opts);
  const gatewayClass = room.child(custom, "gateway-class", gatewayClassOf(className, namespace), transform.gatewayClass, {
    dependsOn: [...after, proxy],
  });
  const made = room.child(SharedGateway, "gateway", gatewayOf(gateway, namespace), transform.gateway, { dependsOn: [gatewayClass] });
  const addresses = made.status.apply((status) => (status?.addresses ?? []).map(({ value }) => value));
  return { ...use, namespace: pulumi.output(namespace), addresses };
}

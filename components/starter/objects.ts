import { accountOf } from "../kubernetes/account";
import { exposureAnnotations, ingressOf } from "../kubernetes/exposure";
import { gatewayObjectsOf } from "../kubernetes/gateway";
import { namespaceOf } from "../kubernetes/namespace";
import { edgePodsOf, networkPolicyOf, Peer, Rule } from "../kubernetes/network";
import { autoscalerOf, disruptionBudgetOf, utilization } from "../kubernetes/scaling";
import { serviceOf } from "../kubernetes/service";
import { API_PORT, WEB_PORT } from "./pod-options";
import { metadataOf, Part, Plan, selectorFor } from "./plan";

/** The Kubernetes objects of the starter beside its pods and Secrets, as plain values: nothing here is deployed. */

type Served = "api" | "web";

export const starterNamespaceOf = (plan: Plan) =>
  namespaceOf(plan.namespace, { ...plan.options.namespace.labels, ...metadataOf(plan).labels }, plan.options.namespace.podSecurity);

export const starterAccountOf = (plan: Plan) => accountOf(metadataOf(plan), plan.options.serviceAccount);

export const starterServiceOf = (plan: Plan, component: Served) => {
  const { port, annotations } = plan.options[component].service;
  return serviceOf(metadataOf(plan, component), selectorFor(plan, component), [{ name: "http", port }], { annotations });
};

export const starterAutoscalerOf = (plan: Plan, component: Served) => {
  const { targetCPUUtilizationPercentage: cpu, [component]: bounds } = plan.options.autoscaling;
  const { minReplicas, maxReplicas } = bounds;
  return autoscalerOf(metadataOf(plan, component), { minReplicas, maxReplicas, metrics: [utilization(component, "cpu", cpu)] });
};

export const starterBudgetOf = (plan: Plan, component: Served) =>
  disruptionBudgetOf(metadataOf(plan, component), selectorFor(plan, component), {
    maxUnavailable: plan.options.podDisruptionBudget.maxUnavailable,
  });

const prefix = (path: string) => ({ path, pathType: "Prefix" as const });

/** All of the web hosts goes to web, its own API too: browsers talk to nobody else. */
const webPathsOf = ({ ingressPaths }: Plan["options"]) => [...new Set([ingressPaths.api, ingressPaths.web])].map(prefix);

export const webIngressOf = (plan: Plan) => {
  const { ingress } = plan.options;
  const paths = webPathsOf(plan.options);
  return ingressOf(
    metadataOf(plan),
    { ...ingress, hosts: ingress.hosts.map(({ host }) => ({ host, paths })) },
    { service: metadataOf(plan, "web").name, port: "http" },
    { ...exposureAnnotations(ingress), ...ingress.annotations },
  );
};

export const apiIngressOf = (plan: Plan) => {
  const { ingress, ingressPaths } = plan.options;
  const metadata = metadataOf(plan, "api");
  return ingressOf(
    metadata,
    { ...ingress, tls: ingress.apiTls, hosts: ingress.apiHosts.map(({ host }) => ({ host, paths: [prefix(ingressPaths.apiHost)] })) },
    { service: metadata.name, port: "http" },
    { ...exposureAnnotations(ingress), ...ingress.annotations },
  );
};

/** What serves the hosts of web and of the API where a Gateway is named. */
export const starterGatewayOf = (plan: Plan) => {
  const { ingress, ingressPaths, web, api } = plan.options;
  const { gateway, hosts, tls, apiHosts, apiTls, ...edge } = ingress;
  if (gateway === undefined) return [];
  const toWeb = { service: metadataOf(plan, "web").name, port: web.service.port, paths: webPathsOf(plan.options) };
  const toApi = { service: metadataOf(plan, "api").name, port: api.service.port, paths: [prefix(ingressPaths.apiHost)] };
  const sites = [...hosts.map(({ host }) => ({ host, served: [toWeb] })), ...apiHosts.map(({ host }) => ({ host, served: [toApi] }))];
  return gatewayObjectsOf(metadataOf(plan), { ...edge, gateway, sites, tls: [...tls, ...apiTls] });
};

/** Who may call a part, and whom it may call. Worker and migration are called by nobody; web calls the API only. */
export const starterNetworkPolicyOf = (plan: Plan, part: Part) => {
  const { networkPolicy, ingress } = plan.options;
  const pods = (part: Part): Peer => ({ podLabels: selectorFor(plan, part) });
  const edge = edgePodsOf(ingress, networkPolicy);
  const backends: Rule[] = [...plan.connectsTo.map(({ peer, port }) => ({ peers: [peer], ports: [port] })), ...networkPolicy.egress];
  const callers: Readonly<Record<Part, Rule[]>> = {
    api: [
      { peers: [pods("web")], ports: [API_PORT] },
      ...(ingress.enabled && ingress.apiHosts.length > 0 ? [{ peers: [edge], ports: [API_PORT] }] : []),
      ...networkPolicy.ingress,
    ],
    web: [...(ingress.enabled ? [{ peers: [edge], ports: [WEB_PORT] }] : []), ...networkPolicy.ingress],
    worker: [],
    migration: [],
  };
  const called = part === "web" ? [{ peers: [pods("api")], ports: [API_PORT] }] : backends;
  return networkPolicyOf(metadataOf(plan, part), selectorFor(plan, part), callers[part], called);
};

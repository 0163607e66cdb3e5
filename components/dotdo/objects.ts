import type * as k8s from "@pulumi/kubernetes";
import { exposureAnnotations, ingressOf, nginx } from "../kubernetes/exposure";
import { gatewayObjectsOf } from "../kubernetes/gateway";
import { serviceMonitorOf } from "../kubernetes/monitor";
import { namespaceOf } from "../kubernetes/namespace";
import { autoscalerOf, disruptionBudgetOf, podsMetric, utilization } from "../kubernetes/scaling";
import { configMapOf, secretOf } from "../kubernetes/secrets";
import { headlessOf, NamedPort, serviceOf } from "../kubernetes/service";
import { SECRET_KEYS } from "./options";
import { metadataOf, Plan } from "./plan";
import { BY_EITHER, BY_ID, BY_URI, ID_HEADER, SHARES } from "./routing";

/** The Kubernetes objects of dotdo beside its pods and its network policy, as plain values: nothing here is deployed. */

export const CONTAINER = "dotdo";
/** Suffixes of the names that others know. */
export const HEADLESS = "-headless";
export const BY_ID_SUFFIX = "-by-id";

/** Carried by one Service only, so that each pod is scraped once. */
const SCRAPED = { "stackyard.dev/scraped": "true" };

export const portsOf = ({ service }: Plan["options"]): NamedPort[] => [
  { name: "http", port: service.port },
  ...(service.rpcPort === null ? [] : [{ name: "rpc", port: service.rpcPort }]),
];

export const dotdoNamespaceOf = ({ namespace, options, labels }: Plan) =>
  namespaceOf(namespace, { ...options.namespace.labels, ...labels }, options.namespace.podSecurity);

export const configOf = (plan: Plan) => {
  const { name, options, env } = plan;
  const { fly, service } = options;
  return configMapOf(metadataOf(plan), {
    ...(fly.enabled && { FLY_REGION: fly.clusterRegion ?? fly.primaryRegion, FLY_APP_NAME: fly.app }),
    SERVICE_NAME: name,
    HEADLESS_SERVICE: `${name}${HEADLESS}`,
    SERVICE_PORT: `${service.port}`,
    ...(service.rpcPort !== null && { RPC_PORT: `${service.rpcPort}` }),
    ...env,
  });
};

/** The Secret that is made, or nothing where there is one already or nothing to put into it. */
export const dotdoSecretOf = (plan: Plan) => {
  const { create, existingSecret } = plan.options.secrets;
  const values = Object.entries(SECRET_KEYS).flatMap(([name, key]) => {
    const value = plan.secretValues[name as keyof typeof SECRET_KEYS];
    return value === undefined ? [] : [[key, value] as const];
  });
  if (!create || existingSecret !== undefined || values.length === 0) return undefined;
  return secretOf(metadataOf(plan), Object.fromEntries(values));
};

export const accountNameOf = ({ options, name }: Plan) => options.serviceAccount.name ?? (options.serviceAccount.create ? name : "default");

export const accountOf = (plan: Plan) =>
  ({
    metadata: { ...metadataOf(plan), name: accountNameOf(plan), annotations: plan.options.serviceAccount.annotations },
    automountServiceAccountToken: plan.options.serviceAccount.automount,
  }) satisfies k8s.core.v1.ServiceAccountArgs;

export const dotdoServiceOf = (plan: Plan) => {
  const { service, fly } = plan.options;
  const metadata = metadataOf(plan);
  return serviceOf({ ...metadata, labels: { ...service.labels, ...metadata.labels, ...SCRAPED } }, plan.selector, portsOf(plan.options), {
    type: service.type,
    annotations: { ...(fly.enabled && { "fly.io/internal": "true" }), ...service.annotations },
  });
};

export const dotdoHeadlessOf = (plan: Plan) => headlessOf(metadataOf(plan, HEADLESS), plan.selector, portsOf(plan.options));

/** The same pods under a second name: ingress-nginx hashes by one rule a Service. */
export const byIdServiceOf = (plan: Plan) =>
  serviceOf(metadataOf(plan, BY_ID_SUFFIX), plan.selector, [{ name: "http", port: plan.options.service.port }]);

export const dotdoIngressOf = (plan: Plan) => {
  const { ingress } = plan.options;
  const key = { map: BY_EITHER, "two-ingresses": BY_URI, none: undefined }[ingress.routing];
  return ingressOf(
    metadataOf(plan),
    ingress,
    { service: plan.name, port: "http" },
    {
      ...exposureAnnotations(ingress),
      ...(key !== undefined && nginx({ "upstream-hash-by": key })),
      ...ingress.annotations,
    },
  );
};

/**
 * Takes over the requests that carry the header. Of an Ingress that is marked as canary the controller reads its rules and its
 * hash only; limits, certificate and all else are the main Ingress's.
 */
export const byIdIngressOf = (plan: Plan) =>
  ingressOf(
    metadataOf(plan, BY_ID_SUFFIX),
    { ...plan.options.ingress, tls: [] },
    { service: `${plan.name}${BY_ID_SUFFIX}`, port: "http" },
    nginx({
      canary: "true",
      "canary-by-header": ID_HEADER,
      "canary-by-header-pattern": ".+",
      "upstream-hash-by": BY_ID,
    }),
  );

/** What serves the hosts where a Gateway is named: the same pods by one Service, whatever a request is hashed by. */
export const dotdoGatewayOf = (plan: Plan) => {
  const { gateway, hosts, routing, ...edge } = plan.options.ingress;
  if (gateway === undefined) return [];
  const { port } = plan.options.service;
  const sites = hosts.map(({ host, paths }) => ({ host, served: [{ paths, service: plan.name, port }] }));
  return gatewayObjectsOf(metadataOf(plan), { ...edge, gateway, sites, ...(routing !== "none" && { shares: SHARES }) });
};

export const dotdoAutoscalerOf = (plan: Plan) => {
  const { minReplicas, maxReplicas, customMetrics: custom, ...targets } = plan.options.autoscaling;
  const { targetCPUUtilizationPercentage: cpu, targetMemoryUtilizationPercentage: memory } = targets;
  const metrics = [
    ...(cpu === null ? [] : [utilization(CONTAINER, "cpu", cpu)]),
    ...(memory === null ? [] : [utilization(CONTAINER, "memory", memory)]),
    ...(custom.enabled && custom.activeDoInstances.enabled
      ? [podsMetric("dotdo_active_instances", custom.activeDoInstances.targetAverageValue)]
      : []),
    ...(custom.enabled && custom.requestsPerSecond.enabled
      ? [podsMetric("dotdo_requests_per_second", custom.requestsPerSecond.targetAverageValue)]
      : []),
  ];
  return autoscalerOf(metadataOf(plan), { minReplicas, maxReplicas, metrics });
};

export const dotdoBudgetOf = (plan: Plan) => disruptionBudgetOf(metadataOf(plan), plan.selector, plan.options.podDisruptionBudget);

export const dotdoMonitorOf = (plan: Plan) => {
  const { path, serviceMonitor } = plan.options.prometheus;
  const { namespace, labels, interval, scrapeTimeout, relabelings, metricRelabelings } = serviceMonitor;
  const metadata = metadataOf(plan);
  return serviceMonitorOf(
    { ...metadata, namespace: namespace ?? metadata.namespace, labels: { ...labels, ...metadata.labels } },
    { namespace: metadata.namespace, labels: { ...plan.selector, ...SCRAPED }, port: "http", path },
    { interval, scrapeTimeout, relabelings, metricRelabelings },
  );
};

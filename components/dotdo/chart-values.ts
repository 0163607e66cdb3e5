import type * as pulumi from "@pulumi/pulumi";
import { chartImageOf, chartProbeOf, ChartValues, namedSecrets, without } from "../kubernetes/chart";
import { nginx } from "../kubernetes/exposure";
import { scratchOf } from "../kubernetes/volumes";
import { CHART_ENV, CHART_WRITABLE } from "./chart-options";
import { dotdoNetworkPolicyOf } from "./network";
import { dotdoIngressOf } from "./objects";
import type { Plan } from "./plan";
import { podsOf } from "./pods";

/** Annotations of the chart's own Ingress that hash by a joined key, would override our hash, or that no controller knows (contract 1.9). */
const CHART_ANNOTATIONS = Object.keys(
  nginx({
    "upstream-hash-by": "",
    affinity: "",
    "session-cookie-name": "",
    "session-cookie-expires": "",
    "session-cookie-max-age": "",
    "websocket-services": "",
  }),
);

/** At most one of both; a zero would count as not set, so it goes as a share. */
const budgetOf = ({ enabled, minAvailable, maxUnavailable }: Plan["options"]["podDisruptionBudget"]) => {
  const amount = (value?: number | string) => (value === 0 ? "0%" : (value ?? null));
  return {
    enabled,
    minAvailable: amount(minAvailable ?? (maxUnavailable === undefined ? 1 : undefined)),
    maxUnavailable: amount(maxUnavailable),
  };
};

/**
 * Values of dotdo's chart, by their names in seed 000 and contract 1, for all that `chart-options.ts` does not refuse.
 *
 * @param secret name of the Secret, where there is one: the chart has no values of secrets
 */
export const dotdoValuesOf = (plan: Plan, secret?: pulumi.Input<string>): ChartValues => {
  const { name, options, env } = plan;
  const { customMetrics, ...scaling } = options.autoscaling;
  const metric = ({ enabled, targetAverageValue }: typeof customMetrics.activeDoInstances) => ({
    enabled,
    targetAverageValue: `${targetAverageValue}`,
  });
  const pods = podsOf(plan, "").spec.template.spec;
  const { runAsUser, runAsGroup } = options.securityContext;
  const scratch = scratchOf(
    options.writablePaths.filter((path) => !CHART_WRITABLE.includes(path)),
    options.writableSize,
  );
  const fence = dotdoNetworkPolicyOf(plan).spec;
  return {
    nameOverride: "dotdo", // the label that our selectors find the pods by
    fullnameOverride: name,
    replicaCount: options.replicaCount,
    image: chartImageOf(options.image),
    imagePullSecrets: namedSecrets(options.imagePullSecrets),
    podAnnotations: options.podAnnotations,
    podLabels: options.podLabels,
    service: {
      type: options.service.type,
      port: options.service.port,
      targetPort: options.service.targetPort,
      rpcPort: options.service.rpcPort,
      annotations: options.service.annotations,
    },
    ingress: {
      enabled: options.ingress.enabled,
      className: options.ingress.className,
      annotations: { ...without(CHART_ANNOTATIONS), ...dotdoIngressOf(plan).metadata.annotations },
      hosts: options.ingress.hosts,
      tls: options.ingress.tls,
    },
    autoscaling: {
      ...scaling,
      customMetrics: {
        enabled: customMetrics.enabled,
        activeDoInstances: metric(customMetrics.activeDoInstances),
        requestsPerSecond: metric(customMetrics.requestsPerSecond),
      },
    },
    env: Object.fromEntries(CHART_ENV.map((variable) => [variable, env[variable] ?? ""])),
    secrets: { create: false, existingSecret: secret ?? "" },
    resources: options.resources,
    livenessProbe: chartProbeOf(options.livenessProbe),
    readinessProbe: chartProbeOf(options.readinessProbe),
    startupProbe: chartProbeOf(options.startupProbe),
    linkerd: { enabled: options.linkerd.enabled, mtls: options.linkerd.mtls },
    prometheus: {
      enabled: options.prometheus.enabled,
      serviceMonitor: { ...options.prometheus.serviceMonitor, namespace: options.prometheus.serviceMonitor.namespace ?? "" },
    },
    podDisruptionBudget: budgetOf(options.podDisruptionBudget),
    networkPolicy: { enabled: options.networkPolicy.enabled, ingress: fence.ingress, egress: fence.egress },
    topologySpreadConstraints: options.topologySpreadConstraints,
    affinity: pods.affinity,
    nodeSelector: options.nodeSelector,
    tolerations: options.tolerations,
    serviceAccount: { ...options.serviceAccount, name: options.serviceAccount.name ?? "" },
    podSecurityContext: pods.securityContext,
    securityContext: { ...pods.containers[0].securityContext, runAsUser, runAsGroup },
    extraVolumes: [...scratch.volumes, ...options.extraVolumes],
    extraVolumeMounts: [...scratch.mounts, ...options.extraVolumeMounts],
    extraContainers: pods.containers.slice(1),
    initContainers: pods.initContainers ?? [],
  };
};

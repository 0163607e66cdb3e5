import type * as pulumi from "@pulumi/pulumi";
import { millicores } from "../../sizing/cpu";
import { bytes, quantity } from "../../sizing/quantity";
import { chartImageOf, chartProbeOf, ChartValues } from "../kubernetes/chart";
import { databaseOf } from "./database";
import type { Kept } from "./held";
import { quotaOf, tenantClaimOf, tenantIngressOf, tenantNetworkPolicyOf } from "./objects";
import { NAME, Plan } from "./plan";

/** Carried by a claim whose data lie where the chart puts them: at the root of the volume, not in a folder of it. */
export const CHART_LAYOUT: Record<string, string> = { "stackyard.dev/layout": "chart" };

/** The claim, made beside the release: Helm would delete it with the rest (contract 2.2). */
export const chartClaimOf = (plan: Plan, kept: Kept) => {
  const { metadata, ...claim } = tenantClaimOf(plan, kept);
  return { ...claim, metadata: { ...metadata, annotations: { ...metadata.annotations, ...CHART_LAYOUT } } };
};

const ROLLING = 2;

/** Room for two pods: the chart starts the next one before the old one has ended. */
export const chartQuotaOf = (plan: Plan) => {
  const { metadata, spec } = quotaOf(plan);
  const { cpu, memory } = plan.size;
  const amounts = {
    pods: `${ROLLING}`,
    "requests.cpu": `${ROLLING * millicores(cpu.request)}m`,
    "limits.cpu": `${ROLLING * millicores(cpu.limit)}m`,
    "requests.memory": quantity(ROLLING * bytes(memory)),
    "limits.memory": quantity(ROLLING * bytes(memory)),
  };
  return { metadata, spec: { hard: { ...spec.hard, ...amounts } } };
};

/**
 * Values of FluxionDB's chart, by their names in seed 001 and contract 2, for all that `chart-options.ts` does not refuse.
 *
 * @param secret name of the Secret that has the key: the chart has no key in its values
 * @param claim name of the claim, where there is one
 */
export const fluxionDbValuesOf = (plan: Plan, secret: pulumi.Input<string>, claim?: pulumi.Input<string>): ChartValues => {
  const { options, size } = plan;
  const { service, serviceAccount, env, persistence, networkPolicy } = options;
  const pod = databaseOf(plan, secret).spec.template.spec;
  const { metadata, spec: edge } = tenantIngressOf(plan);
  const fence = tenantNetworkPolicyOf(plan).spec;
  return {
    nameOverride: NAME,
    fullnameOverride: NAME,
    replicaCount: options.suspended ? 0 : options.replicaCount,
    image: chartImageOf(options.image),
    podAnnotations: options.podAnnotations,
    env: { flushInterval: env.flushInterval, dataFolder: env.dataFolder },
    persistence: { enabled: persistence.enabled, existingClaim: claim ?? "" },
    secret: { create: false, name: secret },
    resources: {
      requests: { cpu: size.cpu.request, memory: size.memory },
      limits: { cpu: size.cpu.limit, memory: size.memory },
    },
    livenessProbe: chartProbeOf(options.livenessProbe),
    readinessProbe: chartProbeOf(options.readinessProbe),
    service: { type: service.type, port: service.port },
    ingress: {
      enabled: options.ingress.enabled,
      className: options.ingress.className,
      annotations: { "cert-manager.io/cluster-issuer": null, "nginx.ingress.kubernetes.io/ssl-redirect": null, ...metadata.annotations },
      hosts: edge.rules.map(({ host }) => ({ host, paths: [{ path: "/", pathType: "Prefix" }] })),
      tls: edge.tls ?? [],
    },
    networkPolicy: {
      enabled: networkPolicy.enabled,
      policyTypes: fence.policyTypes,
      ingress: fence.ingress,
      egress: fence.egress,
    },
    serviceAccount: { create: serviceAccount.create, name: serviceAccount.name ?? "" },
    podSecurityContext: pod.securityContext,
    securityContext: pod.containers[0]?.securityContext,
  };
};

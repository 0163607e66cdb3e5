import * as pulumi from "@pulumi/pulumi";
import { scheduleOf } from "../kubernetes/backup";
import { labelsOf } from "../kubernetes/metadata";
import { namespaceOf } from "../kubernetes/namespace";
import { autoscalerOf, disruptionBudgetOf, utilization } from "../kubernetes/scaling";
import { configMapOf } from "../kubernetes/secrets";
import { serviceOf } from "../kubernetes/service";
import { claimOf } from "../kubernetes/volumes";
import { DATA } from "./data";
import { cdnNginxOf, walletNginxOf } from "./nginx";
import { PORTS, Served } from "./pods";
import { metadataOf, Plan, selectorFor } from "./plan";
import { RESOLVER } from "./workloads";

/** The Kubernetes objects of Plinko beside its pods and its edge, as plain values: nothing here is deployed. */

export const optionsFor = ({ options }: Plan) => ({
  "eth-mock": options.ethMock,
  "update-service": options.plinkoUpdateService,
  "pir-server": options.plinkoPirServer,
  "cdn-mock": options.cdnMock,
  "rabby-wallet": options.rabbyWallet,
});

export const plinkoNamespaceOf = (plan: Plan) => {
  const { labels, podSecurity } = plan.options.namespace;
  return namespaceOf(plan.namespace, { ...labels, ...labelsOf(selectorFor(plan), plan.options.labels) }, podSecurity);
};

/** The claim, or nothing where there is one already. */
export const plinkoClaimOf = (plan: Plan) => {
  const { persistence, global, labels } = plan.options;
  if (persistence.existingClaim !== undefined) return undefined;
  const metadata = { name: plan.data.claim, namespace: plan.namespace, labels: labelsOf(selectorFor(plan), labels) };
  return claimOf(metadata, persistence.size, global.storageClass, persistence.accessMode);
};

/** Velero's Schedule of the namespace, or nothing where it has no backup. */
export const plinkoBackupOf = (plan: Plan) =>
  plan.options.backup && scheduleOf(plan.namespace, labelsOf(selectorFor(plan), plan.options.labels), plan.options.backup);

export const plinkoServiceOf = (plan: Plan, part: Served) => {
  const { port, annotations } = optionsFor(plan)[part].service;
  return serviceOf(metadataOf(plan, part), selectorFor(plan, part), [{ name: part === "eth-mock" ? "rpc" : "http", port }], {
    annotations,
  });
};

/** Workloads of several pods. */
export type Scaled = "pir-server" | "cdn-mock" | "rabby-wallet";

export const plinkoAutoscalerOf = (plan: Plan, part: Scaled) => {
  const { minReplicas, maxReplicas, ...targets } = optionsFor(plan)[part].autoscaling;
  const { targetCPUUtilizationPercentage: cpu, targetMemoryUtilizationPercentage: memory } = targets;
  const metrics = [
    ...(cpu === null ? [] : [utilization(part, "cpu", cpu)]),
    ...(memory === null ? [] : [utilization(part, "memory", memory)]),
  ];
  return autoscalerOf(metadataOf(plan, part), { minReplicas, maxReplicas, metrics });
};

/** None for pods that must all be on one node: with it, that node could never be drained. */
export const plinkoBudgetOf = (plan: Plan, part: Scaled) => {
  const { enabled, minAvailable } = optionsFor(plan)[part].podDisruptionBudget;
  const bound = part !== "rabby-wallet" && plan.options.persistence.accessMode === "ReadWriteOnce";
  return enabled && !bound ? disruptionBudgetOf(metadataOf(plan, part), selectorFor(plan, part), { minAvailable }) : undefined;
};

export const cdnConfigOf = (plan: Plan) => {
  const { cacheMaxAge, gzip } = plan.options.cdnMock;
  const config = cdnNginxOf({ listen: `${PORTS["cdn-mock"]}`, scratch: "/tmp", data: DATA, cacheMaxAge, gzip });
  return configMapOf(metadataOf(plan, "cdn-mock"), { "nginx.conf": config });
};

export const walletConfigOf = (plan: Plan) => {
  const { ingress, clusterDomain } = plan.options;
  // nginx looks names up itself, without the pod's search domains
  const config = pulumi.output(plan.namespace).apply((namespace) => {
    const addressOf = (part: Scaled) =>
      `${metadataOf(plan, part).name}.${namespace}.svc.${clusterDomain}:${optionsFor(plan)[part].service.port}`;
    return walletNginxOf({
      listen: `${PORTS["rabby-wallet"]}`,
      scratch: "/tmp",
      files: "/usr/share/nginx/html",
      mimeTypes: "/etc/nginx/mime.types",
      resolver: RESOLVER,
      pirServer: addressOf("pir-server"),
      cdn: addressOf("cdn-mock"),
      bodySize: ingress.bodySize,
      timeoutSeconds: ingress.readTimeoutSeconds,
    });
  });
  return configMapOf(metadataOf(plan, "rabby-wallet"), { "nginx.conf": config });
};

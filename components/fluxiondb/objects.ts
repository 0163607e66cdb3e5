import type * as k8s from "@pulumi/kubernetes";
import { ANNOTATIONS, REPLICAS } from "../../sizing/fluxiondb";
import { scheduleOf } from "../kubernetes/backup";
import { edgeFor } from "../kubernetes/edge-options";
import { exposureAnnotations, ingressOf, nginx, urlsOf } from "../kubernetes/exposure";
import { gatewayObjectsOf } from "../kubernetes/gateway";
import { SKIP_AWAIT } from "../kubernetes/metadata";
import { namespaceOf } from "../kubernetes/namespace";
import { edgePodsOf, networkPolicyOf, Rule } from "../kubernetes/network";
import { secretOf } from "../kubernetes/secrets";
import { serviceOf } from "../kubernetes/service";
import { claimOf } from "../kubernetes/volumes";
import { filled } from "./edge-options";
import type { Kept } from "./held";
import { ownsClaim, Plan } from "./plan";

/** The Kubernetes objects of one tenant beside its pod, as plain values: nothing here is deployed. */

/** Fixed in the program, which has no flag for it (contract 2.1). */
export const PORT = 8080;

/** Label by which pods of any namespace say that they are clients of this database. It lets them connect; the key lets them in. */
export const clientLabelsOf = (user: string): Record<string, string> => ({ "stackyard.dev/fluxiondb-client": user });

/** Under one name from the first day, so that whoever takes over what was kept owns its fields and can change them. */
const SAME_OWNER: Record<string, string> = { "pulumi.com/patchFieldManager": "stackyard" };

export const tenantNamespaceOf = ({ metadata, options }: Plan) => {
  const namespace = namespaceOf(metadata.namespace, { ...options.namespace.labels, ...metadata.labels });
  return { ...namespace, metadata: { ...namespace.metadata, annotations: { ...SAME_OWNER } } };
};

/** The Secret that is made, or nothing where one is named. */
export const keyOf = ({ metadata, options, apiKey }: Plan) =>
  apiKey === undefined ? undefined : secretOf(metadata, { [options.secret.key]: apiKey });

export const tenantClaimOf = ({ metadata, size, options }: Plan, { storageClass }: Kept = {}) => {
  const claim = claimOf(metadata, size.storage, options.persistence.storageClass ?? storageClass);
  const asked = options.persistence.size === undefined ? {} : { [ANNOTATIONS.storage]: size.storage };
  return {
    ...claim,
    // not waited for: a claim that is bound at its first use waits for the pod, and one that is taken over is bound already
    metadata: {
      ...claim.metadata,
      annotations: { [ANNOTATIONS.ram]: size.memory, ...asked, ...SKIP_AWAIT, ...SAME_OWNER } as Record<string, string>,
    },
  };
};

/** The one pod and its claim, to the byte. A pod is replaced only when the old one is gone, so that there is no second to make room for. */
export const quotaOf = (plan: Plan) => {
  const { metadata, size, options } = plan;
  return {
    metadata,
    spec: {
      hard: {
        pods: `${REPLICAS}`,
        "requests.cpu": size.cpu.request,
        "limits.cpu": size.cpu.limit,
        "requests.memory": size.memory,
        "limits.memory": size.memory,
        // of a claim that exists already nothing is known
        ...(options.persistence.existingClaim === undefined && {
          persistentvolumeclaims: ownsClaim(options) ? "1" : "0",
          "requests.storage": ownsClaim(options) ? size.storage : "0",
        }),
      } as Record<string, string>,
    },
  } satisfies k8s.core.v1.ResourceQuotaArgs;
};

/** Velero's Schedule of the tenant's namespace, or nothing where it has no backup. */
export const backupScheduleOf = ({ metadata, options: { backup } }: Plan) =>
  backup && scheduleOf(metadata.namespace, metadata.labels, backup);

/** Everything in the namespace is closed, and the database open to its clients. */
export const tenantNetworkPolicyOf = ({ metadata, options }: Plan) => {
  const { user, networkPolicy, ingress } = options;
  const clients = networkPolicy.clients ?? [{ namespaceLabels: {}, podLabels: clientLabelsOf(user) }];
  const rules: Rule[] = [
    // without peers a rule would let in everybody
    ...(clients.length > 0 ? [{ peers: clients, ports: [PORT] }] : []),
    ...(ingress.enabled ? [{ peers: [edgePodsOf(ingress, networkPolicy)], ports: [PORT] }] : []),
  ];
  return networkPolicyOf(metadata, {}, rules, networkPolicy.egress);
};

export const accountNameOf = ({ metadata, options: { serviceAccount } }: Plan): string =>
  serviceAccount.name ?? (serviceAccount.create ? metadata.name : "default");

export const accountOf = (plan: Plan) =>
  ({
    metadata: { ...plan.metadata, name: accountNameOf(plan), annotations: plan.options.serviceAccount.annotations },
    automountServiceAccountToken: false,
  }) satisfies k8s.core.v1.ServiceAccountArgs;

/** While nothing runs behind it, it would be waited for in vain. */
const unlessSuspended = ({ options }: Plan) => (options.suspended ? SKIP_AWAIT : {});

export const tenantServiceOf = (plan: Plan) => {
  const { type, port, annotations } = plan.options.service;
  return serviceOf(plan.metadata, plan.selector, [{ name: "http", port }], {
    type,
    annotations: { ...unlessSuspended(plan), ...annotations },
  });
};

const exposureOf = ({ options: { user, ingress } }: Plan) => {
  const { host: pattern, tls, ...edge } = ingress;
  const host = filled(pattern, user);
  return {
    ...edge,
    hosts: [{ host, paths: [{ path: "/", pathType: "Prefix" as const }] }],
    tls: tls.enabled ? [{ secretName: filled(tls.secretName, user), hosts: [host] }] : [],
    clusterIssuer: (tls.enabled && tls.clusterIssuer) || undefined,
  };
};

export const tenantIngressOf = (plan: Plan) => {
  const exposure = exposureOf(plan);
  return ingressOf(
    plan.metadata,
    exposure,
    { service: plan.metadata.name, port: "http" },
    {
      ...exposureAnnotations(exposure),
      // clients send the key in the address (contract 2.1), which the controller would log
      ...(edgeFor(exposure) === "nginx" && nginx({ "enable-access-log": "false" })),
      ...unlessSuspended(plan),
      ...exposure.annotations,
    },
  );
};

/** What serves the tenant's host where a Gateway is named. */
export const tenantGatewayOf = (plan: Plan) => {
  const { gateway, hosts, ...edge } = exposureOf(plan);
  if (gateway === undefined) return [];
  const { name } = plan.metadata;
  const { port } = plan.options.service;
  const sites = hosts.map(({ host, paths }) => ({ host, served: [{ paths, service: name, port }] }));
  return gatewayObjectsOf(plan.metadata, { ...edge, gateway, sites });
};

/** Address outside the cluster, `wss://…`; none where ingress.enabled is false. */
export const outsideUrlOf = (plan: Plan): string | undefined =>
  plan.options.ingress.enabled ? urlsOf(exposureOf(plan))[0]?.replace(/^http/, "ws") : undefined;

import * as pulumi from "@pulumi/pulumi";
import { ChartValues, namedSecrets } from "../kubernetes/chart";
import { exposureAnnotations } from "../kubernetes/exposure";
import { containerSecurityOf, podSecurityOf } from "../kubernetes/security";
import { envOf } from "./env";
import type { Plan } from "./plan";
import { digest } from "./secrets";
import { Component, ownerOf, sourceOf, WORKER_ENV } from "./source-options";

/** Variables that the chart sets itself, and would have twice. */
const SET_BY_CHART: Readonly<Record<Component, readonly string[]>> = {
  api: ["PORT"],
  web: ["PORT"],
  worker: ["PORT", ...Object.keys(WORKER_ENV)],
};

const variablesOf = (plan: Plan, component: Component) =>
  Object.fromEntries(Object.entries(envOf(plan, component)).filter(([name]) => !SET_BY_CHART[component].includes(name)));

/** What the worker has of the API's, and each of its own. */
const secretsOf = (plan: Plan, component: Component) => plan.secrets[ownerOf(plan.options, component)];

/** Another for other values, so that pods roll: the chart itself rolls none. Of all values together: none can be found out from it alone. */
const checksumOf = (plan: Plan, component: Component): Record<string, pulumi.Input<string>> => {
  const secrets = secretsOf(plan, component);
  if (sourceOf(plan.options, component).kind !== "static") return {};
  const checksum = pulumi.all(secrets).apply((values) => digest(Object.entries(values).sort()).slice(0, 16));
  return { "stackyard.dev/secret-checksum": pulumi.unsecret(checksum) };
};

/** Identifiers at the provider by variable. */
const dataOf = ({ options }: Plan, component: Component): Record<string, string> => {
  const source = sourceOf(options, component);
  if (source.kind !== "external") return {};
  return Object.fromEntries(Object.entries(source.data).map(([name, ref]) => [name, typeof ref === "string" ? ref : ref.key]));
};

const componentOf = (plan: Plan, component: Component) => {
  const { pullPolicy, replicaCount, secretName, resources, podLabels, podAnnotations } = plan.options[component];
  return {
    imagePullPolicy: pullPolicy,
    replicaCount,
    secretName: secretName ?? "",
    env: variablesOf(plan, component),
    secrets: pulumi.secret(secretsOf(plan, component)),
    resources,
    podLabels,
    podAnnotations: { ...checksumOf(plan, component), ...podAnnotations },
  };
};

/** Values of the starter's chart, by their names in seed 004 and contract 4, for all that `chart-options.ts` does not refuse. */
export const starterValuesOf = (plan: Plan): ChartValues => {
  const { options, name } = plan;
  const { ingress, ingressPaths, autoscaling, externalSecrets, serviceAccount, worker } = options;
  const { readOnlyRootFilesystem, ...user } = options.securityContext;
  return {
    nameOverride: "starter", // the label that our selectors find the pods by
    fullnameOverride: name,
    commonLabels: options.commonLabels,
    imagePullSecrets: namedSecrets(options.imagePullSecrets),
    api: { image: options.api.image, ...componentOf(plan, "api"), service: { port: options.api.service.port } },
    web: { image: options.web.image, ...componentOf(plan, "web"), service: { port: options.web.service.port } },
    worker: { enabled: worker.enabled, image: worker.image ?? options.api.image, ...componentOf(plan, "worker") },
    serviceAccount: { create: serviceAccount.create, name: serviceAccount.name ?? "", annotations: serviceAccount.annotations },
    podSecurityContext: podSecurityOf(user),
    securityContext: containerSecurityOf(readOnlyRootFilesystem),
    ingress: {
      enabled: ingress.enabled,
      className: ingress.className,
      annotations: { ...exposureAnnotations(ingress), ...ingress.annotations },
      hosts: ingress.hosts,
      tls: ingress.tls,
      apiHosts: ingress.apiHosts,
      apiTls: ingress.apiTls,
    },
    ingressPaths,
    autoscaling,
    externalSecrets: {
      enabled: externalSecrets.enabled,
      refreshInterval: externalSecrets.refreshInterval,
      secretStoreRef: { name: externalSecrets.secretStoreRef.name ?? "", kind: externalSecrets.secretStoreRef.kind },
      api: { data: dataOf(plan, "api") },
      web: { data: dataOf(plan, "web") },
      worker: { data: dataOf(plan, "worker") },
    },
  };
};

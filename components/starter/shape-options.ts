import * as z from "zod";
import { DnsLabel, Labels, Positive, Quantity, Seconds, flag } from "../kubernetes/options";
import { Namespace, NetworkPolicy, Security, ServiceAccount, Spread } from "../kubernetes/workload-options";
import { Ingress, IngressPaths } from "./edge-options";
import { Api, Autoscaling, Migrations, Web, Worker } from "./pod-options";
import { ExternalSecrets } from "./secret-options";

/**
 * The options of the SaaS starter, named as its chart names them (seed 004) where the chart has them.
 * Defaults are the seed's; where its containers could not work with them, docs/systems/starter.md says so.
 */
export const StarterShape = z.strictObject({
  fullnameOverride: DnsLabel.max(40, { error: "is too long: use at most 40 characters" })
    .optional()
    .meta({ description: "Name that those of all objects start with. Default: the component's name." }),
  namespace: Namespace("the starter"),
  commonLabels: Labels.default({}).meta({ description: "Further labels of every object." }),
  imagePullSecrets: z.array(DnsLabel).default([]).meta({ description: "Secrets to pull the images with." }),
  serviceAccount: ServiceAccount("the starter"),
  api: Api,
  web: Web,
  worker: Worker,
  migrations: Migrations,
  externalSecrets: ExternalSecrets,
  reloader: flag(false, "Ask Stakater's Reloader, which the cluster has, to roll the pods when a Secret changes in place."),
  keyStore: z
    .strictObject({
      storage: Quantity.default("1Gi").meta({ description: "Size of the claim." }),
      storageClass: DnsLabel.optional().meta({ description: "Class of the claim. Default: the cluster's." }),
    })
    .prefault({})
    .meta({ description: "Claim of the API's signing keys, made where AUTH_KEY_STORAGE_BACKEND is file, and kept." }),
  ingress: Ingress,
  ingressPaths: IngressPaths,
  autoscaling: Autoscaling,
  podDisruptionBudget: z
    .strictObject({
      enabled: flag(true, "Whether API and web have a PodDisruptionBudget."),
      maxUnavailable: Positive.default(1).meta({ description: "Pods of each that a node drain may take at once." }),
    })
    .prefault({})
    .meta({ description: "How many pods a node drain may take at once." }),
  networkPolicy: NetworkPolicy(
    [443, 5432, 6379, 6380],
    "What API, worker and migration may reach beside DNS. HTTPS, Postgres, Redis. Web reaches the API only.",
  ),
  topologySpreadConstraints: Spread,
  securityContext: Security(10001),
  drainSeconds: Seconds.default(10).meta({ description: "Seconds a pod serves on after it was told to stop, until no edge sends to it." }),
  terminationGracePeriodSeconds: Seconds.default(40).meta({
    description: "Seconds from the wish to stop to the kill; more than drainSeconds.",
  }),
});

export type Shape = z.output<typeof StarterShape>;

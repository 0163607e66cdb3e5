import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { filled } from "./filled";
import type { Metadata } from "./metadata";
import { podSecurityOf, User } from "./security";
import type { Spread } from "./workload-options";

type PodSpec = k8s.types.input.core.v1.PodSpec;

/**
 * A pod with the secure defaults: no token, restricted security, and no variables made of the Services around it,
 * which a program may take for its own settings.
 */
export const podOf = <Spec extends PodSpec>(user: User, spec: Spec) => ({
  automountServiceAccountToken: false,
  enableServiceLinks: false,
  securityContext: podSecurityOf(user),
  ...spec,
});

/** Pods of one rollout are spread among themselves: else the old pods decide where the new ones go. */
export const spreadOf = ({ enabled, ...spread }: Spread, selector: Record<string, string>) =>
  enabled ? [{ ...spread, labelSelector: { matchLabels: selector }, matchLabelKeys: ["pod-template-hash"] }] : [];

interface Pods<Spec> {
  readonly selector: Record<string, string>;
  readonly annotations?: Record<string, pulumi.Input<string>>;
  /** Labels beyond those of the workload itself. */
  readonly labels?: Record<string, string>;
  readonly spec: Spec;
}

const templateOf = <Spec extends PodSpec>(metadata: Metadata, { selector, annotations = {}, labels = {}, spec }: Pods<Spec>) => ({
  metadata: { labels: { ...labels, ...metadata.labels, ...selector }, annotations: filled(annotations) },
  spec,
});

interface Rollout {
  /** Left out where an autoscaler sets it. */
  readonly replicas?: number;
  readonly maxSurge: number | string;
  readonly maxUnavailable: number | string;
  /** Seconds without progress after which a rollout has failed, and for which Pulumi waits for it. @default 600, Kubernetes' and Pulumi's */
  readonly progressDeadlineSeconds?: number;
}

/** Pulumi does not end its wait by itself when Kubernetes has given a rollout up. */
const waitOf = (seconds?: number): Record<string, string> => (seconds ? { "pulumi.com/timeoutSeconds": `${seconds}` } : {});

export const deploymentOf = <Spec extends PodSpec>(
  metadata: Metadata,
  pods: Pods<Spec>,
  { replicas, progressDeadlineSeconds, ...rollingUpdate }: Rollout,
) =>
  ({
    metadata: { ...metadata, annotations: filled(waitOf(progressDeadlineSeconds)) },
    spec: {
      replicas,
      progressDeadlineSeconds,
      selector: { matchLabels: pods.selector },
      strategy: { type: "RollingUpdate", rollingUpdate },
      template: templateOf(metadata, pods),
    },
  }) satisfies k8s.apps.v1.DeploymentArgs;

/** One pod that has ended before its successor starts: two of them would disturb each other. */
export const soleOf = <Spec extends PodSpec>(metadata: Metadata, pods: Pods<Spec>, progressDeadlineSeconds?: number) =>
  ({
    metadata,
    spec: {
      replicas: 1,
      selector: { matchLabels: pods.selector },
      strategy: { type: "Recreate" },
      progressDeadlineSeconds,
      template: templateOf(metadata, pods),
    },
  }) satisfies k8s.apps.v1.DeploymentArgs;

/** One pod on one volume. */
export const singletonOf = <Spec extends PodSpec>(metadata: Metadata, pods: Pods<Spec>) =>
  ({
    metadata,
    spec: {
      replicas: 1,
      serviceName: metadata.name,
      selector: { matchLabels: pods.selector },
      // the default waits for a pod that will never be ready, and so keeps a bad image from being rolled back
      podManagementPolicy: "Parallel",
      template: templateOf(metadata, pods),
    },
  }) satisfies k8s.apps.v1.StatefulSetArgs;

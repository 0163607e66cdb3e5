import type { Case, Fixture, Mutation } from "../case";
import { autoscaler, deployment } from "./fixtures";

const object = (apiVersion: string, kind: string): Fixture => ({
  type: `kubernetes:${apiVersion}:${kind}`,
  name: "one",
  props: { apiVersion, kind, metadata: { name: "one" } },
});
const removed = (apiVersion: string, kind: string, since: number, instead: string): Mutation => ({
  by: `${apiVersion} ${kind}`,
  change: ([fixture]) => Object.assign(fixture!, object(apiVersion, kind)),
  finds: [
    {
      resource: "one",
      field: "apiVersion",
      problem: `is ${apiVersion}, which Kubernetes 1.${since} has removed, and has to be ${instead}`,
    },
  ],
});
/** Kinds of one version that went with one release. */
const all = (apiVersion: string, since: number, instead: string, ...kinds: string[]) =>
  kinds.map((kind) => removed(apiVersion, kind, since, instead));

const ADMISSION = "admissionregistration.k8s.io";
const FLOW = "flowcontrol.apiserver.k8s.io";
const STORAGE = "storage.k8s.io";

export const apiVersions = {
  "no-removed-api": {
    valid: [
      [deployment()],
      [autoscaler()],
      // still served by 1.36
      [object("coordination.k8s.io/v1beta1", "LeaseCandidate")],
      [object("networking.k8s.io/v1beta1", "ServiceCIDR")],
      [object("certificates.k8s.io/v1beta1", "ClusterTrustBundle")],
      [object(`${STORAGE}/v1beta1`, "VolumeAttributesClass")],
      [object(`${ADMISSION}/v1beta1`, "MutatingAdmissionPolicy")],
      [object(`${ADMISSION}/v1alpha1`, "MutatingAdmissionPolicy")],
      [object("policy/v1", "PodDisruptionBudget")],
      // another group's kinds
      [object("example.com/v1beta1", "CronJob")],
    ],
    mutations: [
      removed("batch/v1beta1", "CronJob", 25, "batch/v1"),
      ...all("extensions/v1beta1", 16, "apps/v1", "Deployment", "DaemonSet", "ReplicaSet"),
      ...all("extensions/v1beta1", 16, "networking.k8s.io/v1", "NetworkPolicy"),
      ...all("extensions/v1beta1", 22, "networking.k8s.io/v1", "Ingress"),
      ...all("apps/v1beta1", 16, "apps/v1", "Deployment", "StatefulSet"),
      ...all("apps/v1beta2", 16, "apps/v1", "Deployment", "DaemonSet"),
      ...all(`${ADMISSION}/v1alpha1`, 32, `${ADMISSION}/v1`, "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"),
      ...all(`${ADMISSION}/v1beta1`, 22, `${ADMISSION}/v1`, "ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"),
      ...all(`${ADMISSION}/v1beta1`, 34, `${ADMISSION}/v1`, "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"),
      ...all("apiextensions.k8s.io/v1beta1", 22, "apiextensions.k8s.io/v1", "CustomResourceDefinition"),
      ...all("apiregistration.k8s.io/v1beta1", 22, "apiregistration.k8s.io/v1", "APIService"),
      ...all("autoscaling/v2beta1", 25, "autoscaling/v2", "HorizontalPodAutoscaler"),
      ...all("autoscaling/v2beta2", 26, "autoscaling/v2", "HorizontalPodAutoscaler"),
      ...all("certificates.k8s.io/v1beta1", 22, "certificates.k8s.io/v1", "CertificateSigningRequest"),
      ...all("coordination.k8s.io/v1beta1", 22, "coordination.k8s.io/v1", "Lease"),
      ...all("discovery.k8s.io/v1beta1", 25, "discovery.k8s.io/v1", "EndpointSlice"),
      ...all(`${FLOW}/v1beta1`, 26, `${FLOW}/v1`, "FlowSchema"),
      ...all(`${FLOW}/v1beta2`, 29, `${FLOW}/v1`, "FlowSchema"),
      ...all(`${FLOW}/v1beta3`, 32, `${FLOW}/v1`, "PriorityLevelConfiguration"),
      ...all("networking.k8s.io/v1beta1", 22, "networking.k8s.io/v1", "Ingress", "IngressClass"),
      ...all("node.k8s.io/v1beta1", 25, "node.k8s.io/v1", "RuntimeClass"),
      ...all("policy/v1beta1", 25, "policy/v1", "PodDisruptionBudget"),
      ...all("policy/v1beta1", 25, "pod security labels of the namespace", "PodSecurityPolicy"),
      ...all("rbac.authorization.k8s.io/v1beta1", 22, "rbac.authorization.k8s.io/v1", "Role", "ClusterRoleBinding"),
      ...all("scheduling.k8s.io/v1beta1", 22, "scheduling.k8s.io/v1", "PriorityClass"),
      ...all(`${STORAGE}/v1alpha1`, 24, `${STORAGE}/v1`, "CSIStorageCapacity", "VolumeAttachment"),
      ...all(`${STORAGE}/v1alpha1`, 35, `${STORAGE}/v1`, "VolumeAttributesClass"),
      ...all(`${STORAGE}/v1beta1`, 22, `${STORAGE}/v1`, "CSIDriver", "CSINode", "StorageClass", "VolumeAttachment"),
      ...all(`${STORAGE}/v1beta1`, 27, `${STORAGE}/v1`, "CSIStorageCapacity"),
    ],
  },
} satisfies Record<string, Case>;

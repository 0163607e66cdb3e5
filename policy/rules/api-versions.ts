import { objectRule } from "../rule";

interface Removed {
  /** Kubernetes 1.x that has it no more. */
  readonly since: number;
  readonly instead: string;
  /** Where only some kinds of the version are gone. */
  readonly kinds?: RegExp;
}

const ADMISSION = "admissionregistration.k8s.io";
const FLOW = "flowcontrol.apiserver.k8s.io";
const STORAGE = "storage.k8s.io";

/**
 * What a stack could deploy of the versions that Kubernetes has removed up to 1.36: by the prerelease-lifecycle of k8s.io/api 0.36, and what
 * that does not have (autoscaling, apiextensions, apiregistration, PodSecurityPolicy) by Kubernetes' deprecation guide. Not here: what is only
 * asked or told (reviews, Scale, Eviction, Event), alpha versions that neither has, and the groups of other makers.
 */
const REMOVED: Readonly<Record<string, readonly Removed[]>> = {
  "extensions/v1beta1": [
    { since: 16, instead: "apps/v1", kinds: /^(Deployment|DaemonSet|ReplicaSet)$/ },
    { since: 16, instead: "networking.k8s.io/v1", kinds: /^NetworkPolicy$/ },
    { since: 22, instead: "networking.k8s.io/v1", kinds: /^Ingress$/ },
  ],
  "apps/v1beta1": [{ since: 16, instead: "apps/v1" }],
  "apps/v1beta2": [{ since: 16, instead: "apps/v1" }],
  [`${ADMISSION}/v1alpha1`]: [{ since: 32, instead: `${ADMISSION}/v1`, kinds: /^Validating/ }],
  [`${ADMISSION}/v1beta1`]: [
    { since: 22, instead: `${ADMISSION}/v1`, kinds: /WebhookConfiguration$/ },
    { since: 34, instead: `${ADMISSION}/v1`, kinds: /^ValidatingAdmissionPolicy/ },
  ],
  "apiextensions.k8s.io/v1beta1": [{ since: 22, instead: "apiextensions.k8s.io/v1" }],
  "apiregistration.k8s.io/v1beta1": [{ since: 22, instead: "apiregistration.k8s.io/v1" }],
  "autoscaling/v2beta1": [{ since: 25, instead: "autoscaling/v2" }],
  "autoscaling/v2beta2": [{ since: 26, instead: "autoscaling/v2" }],
  "batch/v1beta1": [{ since: 25, instead: "batch/v1" }],
  "certificates.k8s.io/v1beta1": [{ since: 22, instead: "certificates.k8s.io/v1", kinds: /^CertificateSigningRequest$/ }],
  "coordination.k8s.io/v1beta1": [{ since: 22, instead: "coordination.k8s.io/v1", kinds: /^Lease$/ }],
  "discovery.k8s.io/v1beta1": [{ since: 25, instead: "discovery.k8s.io/v1" }],
  [`${FLOW}/v1beta1`]: [{ since: 26, instead: `${FLOW}/v1` }],
  [`${FLOW}/v1beta2`]: [{ since: 29, instead: `${FLOW}/v1` }],
  [`${FLOW}/v1beta3`]: [{ since: 32, instead: `${FLOW}/v1` }],
  "networking.k8s.io/v1beta1": [{ since: 22, instead: "networking.k8s.io/v1", kinds: /^Ingress/ }],
  "node.k8s.io/v1beta1": [{ since: 25, instead: "node.k8s.io/v1" }],
  "policy/v1beta1": [
    { since: 25, instead: "policy/v1", kinds: /^PodDisruptionBudget$/ },
    { since: 25, instead: "pod security labels of the namespace", kinds: /^PodSecurityPolicy$/ },
  ],
  "rbac.authorization.k8s.io/v1beta1": [{ since: 22, instead: "rbac.authorization.k8s.io/v1" }],
  "scheduling.k8s.io/v1beta1": [{ since: 22, instead: "scheduling.k8s.io/v1" }],
  [`${STORAGE}/v1alpha1`]: [
    { since: 24, instead: `${STORAGE}/v1`, kinds: /^(CSIStorageCapacity|VolumeAttachment)$/ },
    { since: 35, instead: `${STORAGE}/v1`, kinds: /^VolumeAttributesClass$/ },
  ],
  [`${STORAGE}/v1beta1`]: [
    { since: 22, instead: `${STORAGE}/v1`, kinds: /^(CSIDriver|CSINode|StorageClass|VolumeAttachment)$/ },
    { since: 27, instead: `${STORAGE}/v1`, kinds: /^CSIStorageCapacity$/ },
  ],
};

export const noRemovedApi = objectRule({
  id: "no-removed-api",
  family: "objects",
  severity: "high",
  reason:
    "The API server has the version no more: the object can be neither made nor changed there, and its upgrade is where one learns it.",
  remedy: "Use the version that has taken its place; Kubernetes' deprecation guide says what differs.",
  source:
    "Kyverno check-deprecated-apis; kube-score stable-version; kube-linter no-extensions-v1beta; k8s.io/api 0.36; Kubernetes, Deprecated API Migration Guide",
  check: (object, report) => {
    const removed = REMOVED[object.apiVersion]?.find(({ kinds }) => kinds?.test(object.kind) ?? true);
    if (removed === undefined) return;
    const { since, instead } = removed;
    report({ field: "apiVersion", problem: `is ${object.apiVersion}, which Kubernetes 1.${since} has removed, and has to be ${instead}` });
  },
});

import type { types } from "@pulumi/kubernetes";
import { isWorkload, podSpecOf, podTemplateOf } from "../pods";
import { fillIn } from "../remediation";
import { objectRule } from "../rule";

export const noBarePod = objectRule({
  id: "no-bare-pod",
  family: "pods",
  severity: "medium",
  reason: "A pod by itself is gone with its node, and nobody makes it anew.",
  remedy: "Make it a Deployment, a StatefulSet or a Job.",
  source: "Kyverno prevent-bare-pods; Kubernetes, Configuration Best Practices: naked Pods",
  check: (object, report) => {
    if (object.kind === "Pod") report({ field: "kind", problem: "is Pod, and has to be a workload that makes it" });
  },
});

export const noToken = objectRule({
  id: "no-service-account-token",
  family: "pods",
  severity: "medium",
  reason: "Whoever gets into the pod may do with the cluster what its ServiceAccount may.",
  remedy: "Set automountServiceAccountToken of the pod to false; one that talks to the API server takes an exception.",
  source: "Kyverno restrict-automount-sa-token; kube-linter automount-service-account-token; Polaris automountServiceAccountToken",
  check: (object, report) => {
    const pod = podSpecOf(object);
    if (pod === undefined || pod.spec.automountServiceAccountToken === false) return;
    const given = pod.spec.automountServiceAccountToken ?? "missing";
    report({ field: `${pod.path}automountServiceAccountToken`, problem: `is ${given}, and has to be false` });
  },
  // a pod with an account of its own may want its token; the namespace's may do nothing
  remediate: (object) => {
    const spec = podSpecOf(object)?.spec;
    if (spec?.serviceAccountName === undefined) fillIn(spec ?? {}, ["automountServiceAccountToken"], false);
  },
});

export const labelsSet = objectRule({
  id: "labels-set",
  family: "pods",
  severity: "low",
  reason: "By its labels monitoring, network policies and people find out what a pod is part of.",
  remedy: "Set the labels on the workload and on its pods' template.",
  source: "Kubernetes, Recommended Labels; Kyverno require-labels; kube-linter required-label-owner",
  values: { required: ["app.kubernetes.io/name", "app.kubernetes.io/part-of"] },
  check: (object, report, { required }) => {
    const template = podTemplateOf(object);
    if (template === undefined) return;
    const places = [["", object.metadata] as const, ...(template.path === "" ? [] : [[template.path, template.metadata] as const])];
    for (const [path, metadata] of places) {
      const missing = required.filter((label) => metadata?.labels?.[label] === undefined);
      if (missing.length > 0) report({ field: `${path}metadata.labels`, problem: `has no ${missing.join(", ")}` });
    }
  },
});

type CronJobSpec = types.output.batch.v1.CronJobSpec;

export const cronDeadline = objectRule({
  id: "cron-deadline",
  family: "pods",
  severity: "low",
  reason: "A CronJob that has missed a hundred starts, while its controller was down, is never started again.",
  remedy: "Set startingDeadlineSeconds: for how long a start that was missed is made up for.",
  source: "kube-score cronjob-has-deadline; Kubernetes, CronJob limitations",
  check: (object, report) => {
    if (object.kind !== "CronJob" || !isWorkload(object)) return;
    if (object.spec<CronJobSpec>().startingDeadlineSeconds === undefined) {
      report({ field: "spec.startingDeadlineSeconds", problem: "is missing" });
    }
  },
});

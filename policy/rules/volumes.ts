import type { types } from "@pulumi/kubernetes";
import { isOneNode } from "../../sizing/volumes";
import type { KubernetesObject, PodTemplate } from "../object";
import { podTemplateOf, workloadOf } from "../pods";
import { objectRule, stackRule } from "../rule";
import { selects, type StackIndex } from "../stack-index";

type ClaimSpec = types.output.core.v1.PersistentVolumeClaimSpec;
type DeploymentSpec = types.output.apps.v1.DeploymentSpec;
type JobSpec = types.output.batch.v1.JobSpec;
type Found = readonly [field: string, what: string];

export const rwxClass = objectRule({
  id: "rwx-class",
  family: "objects",
  severity: "high",
  reason: "Of a class that attaches a volume to one node, a shared claim stays pending, or all pods but those of one node hang.",
  remedy: "Name a class of shared file storage (on Vultr: vultr-vfs-storage), or take ReadWriteOnce with all its pods on one node.",
  source: "contract 3.7, 12; Kubernetes, Persistent Volumes, Access Modes",
  // none: all classes but those that are known to attach to one node
  values: { rwxClasses: [] as readonly string[] },
  check: (object, report, { rwxClasses }) => {
    if (object.kind !== "PersistentVolumeClaim") return;
    const { accessModes = [], storageClassName, volumeName } = object.spec<ClaimSpec>();
    if (!accessModes.includes("ReadWriteMany")) return;
    const field = "spec.storageClassName";
    if (storageClassName === undefined) {
      if (volumeName === undefined) report({ field, problem: "is missing, and the cluster's default need not be for ReadWriteMany" });
    } else if (isOneNode(storageClassName)) {
      report({ field, problem: `is ${storageClassName}, whose volumes attach to one node, and spec.accessModes has ReadWriteMany` });
    } else if (rwxClasses.length > 0 && !rwxClasses.includes(storageClassName)) {
      report({ field, problem: `is ${storageClassName}, and for ReadWriteMany has to be ${rwxClasses.join(" or ")}` });
    }
  },
});

/** Where an object says that two of its pods can run at once; nothing where they cannot. */
function twoAtOnce(object: KubernetesObject, stack: StackIndex): Found | undefined {
  const { replicas = 1 } = workloadOf(object) ?? {};
  if (object.kind === "Deployment") {
    const type = object.spec<DeploymentSpec>().strategy?.type ?? "RollingUpdate";
    if (type !== "Recreate") return ["spec.strategy.type", type];
  }
  if (object.kind === "DaemonSet") return ["kind", "DaemonSet"];
  if (object.kind === "Job") {
    const { parallelism = 1, podReplacementPolicy: policy = "TerminatingOrFailed" } = object.spec<JobSpec>();
    if (parallelism > 1) return ["spec.parallelism", `${parallelism}`];
    return policy === "Failed" ? undefined : ["spec.podReplacementPolicy", policy];
  }
  const [scaler] = stack.scalersOf(object);
  if (scaler !== undefined) return ["spec.replicas", `set by ${scaler.title}`];
  return replicas > 1 ? ["spec.replicas", `${replicas}`] : undefined;
}

/** Whether all pods that a template makes must be on one node. */
const isBoundToOneNode = ({ metadata, spec }: PodTemplate): boolean =>
  (spec?.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).some(
    ({ topologyKey, labelSelector }) =>
      topologyKey === "kubernetes.io/hostname" && labelSelector !== undefined && selects(labelSelector, metadata?.labels ?? {}),
  );

/** Whether no container of a pod can write to a volume of it. */
const isOnlyRead = ({ spec }: PodTemplate, volume: string | undefined): boolean =>
  [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])].every(({ volumeMounts = [] }) =>
    volumeMounts.every(({ name, readOnly }) => name !== volume || readOnly === true),
  );

export const rwoOnePod = stackRule({
  id: "rwo-one-pod",
  family: "wiring",
  severity: "high",
  reason: "The next pod waits on another node for a volume that the old one holds, or writes beside it on the same node.",
  remedy:
    "Take a StatefulSet of one pod, strategy Recreate or podReplacementPolicy Failed; or let pods only read, all on one node by podAffinity.",
  source: "contract 2.2, 1; contract 3.7, 12; Kubernetes, Persistent Volumes, Access Modes",
  checkIn: (object, stack, report) => {
    const template = podTemplateOf(object);
    for (const { name, persistentVolumeClaim: volume } of template?.spec?.volumes ?? []) {
      const claim = volume && stack.find("PersistentVolumeClaim", object.namespace, volume.claimName ?? "");
      const modes = claim?.spec<ClaimSpec>().accessModes ?? [];
      const mode = modes.find((mode) => mode === "ReadWriteOnce" || mode === "ReadWriteOncePod");
      if (claim === undefined || mode === undefined) continue;
      const onlyRead = volume?.readOnly === true || isOnlyRead(template!, name);
      const shared = mode === "ReadWriteOnce" && onlyRead && isBoundToOneNode(template!);
      const found = shared ? undefined : twoAtOnce(object, stack);
      if (found) report({ field: found[0], problem: `is ${found[1]}, and two pods at once would have ${claim.title}, which is ${mode}` });
    }
  },
});

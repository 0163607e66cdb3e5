import { drop, put, withField, type Case, type Fixture, type Mutation } from "../case";
import { autoscaler, deployment, resource } from "./fixtures";

const POD = "spec.template.spec.";
const claimOf = (mode: string, storageClassName?: string): Fixture =>
  resource("core/v1:PersistentVolumeClaim", "data", [], {
    metadata: { name: "data", namespace: "example" },
    spec: { accessModes: [mode], storageClassName },
  });
const claim = claimOf("ReadWriteOnce");
const shared = claimOf("ReadWriteMany", "vultr-vfs-storage");
const withData = (fixture: Fixture, mount: object = {}): Fixture => {
  const mounted = withField(fixture, `${POD}volumes`, [{ name: "data", persistentVolumeClaim: { claimName: "data" } }]);
  return withField(mounted, `${POD}containers[0].volumeMounts`, [{ name: "data", mountPath: "/data", ...mount }, { name: "tmp" }]);
};
const rolling = withData(deployment());
const recreated = withField(withField(rolling, "spec.strategy", { type: "Recreate" }), "spec.replicas", 1);
const set: Fixture = { ...withField(rolling, "spec.replicas", 1), type: "kubernetes:apps/v1:StatefulSet" };
const job = withField(
  { ...withField(rolling, "spec.replicas", undefined), type: "kubernetes:batch/v1:Job" },
  "spec.podReplacementPolicy",
  "Failed",
);
const AFFINITY = `${POD}affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution`;
const term = { topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: { "app.kubernetes.io/name": "api" } } };
const bound = withField(withData(deployment(), { readOnly: true }), AFFINITY, [term]);
const boundByVolume = withField(withField(rolling, AFFINITY, [term]), `${POD}volumes[0].persistentVolumeClaim.readOnly`, true);

const ofClass = (by: string, change: Mutation["change"], problem: string): Mutation => ({
  by,
  change,
  finds: [{ field: "spec.storageClassName", problem }],
});
const twice = (by: string, of: number, change: Mutation["change"], field: string, is: string, mode = "ReadWriteOnce"): Mutation => ({
  by,
  of,
  change,
  finds: [{ field, problem: `is ${is}, and two pods at once would have PersistentVolumeClaim example/data, which is ${mode}` }],
});
const none: Mutation["change"] = () => {};
const rolls = (by: string, of: number, change: Mutation["change"] = none): Mutation =>
  twice(by, of, change, "spec.strategy.type", "RollingUpdate");

export const volumes = {
  "rwx-class": {
    section: { rules: { "rwx-class": { values: { rwxClasses: ["vultr-vfs-storage", "nfs", "gp3"] } } } },
    valid: [
      [shared],
      [claimOf("ReadWriteMany", "nfs")],
      [claimOf("ReadWriteOnce", "gp3")],
      [claim],
      [withField(claimOf("ReadWriteMany"), "spec.volumeName", "by-hand")],
      [{ ...claimOf("ReadWriteMany"), type: "kubernetes:core/v1:PersistentVolume" }],
      [resource("core/v1:PersistentVolumeClaim", "bare", [], {})],
    ],
    mutations: [
      ofClass("no class", drop("spec.storageClassName"), "is missing, and the cluster's default need not be for ReadWriteMany"),
      ofClass(
        "a class of block storage",
        put("spec.storageClassName", "gp3"),
        "is gp3, whose volumes attach to one node, and spec.accessModes has ReadWriteMany",
      ),
      ofClass(
        "a class that the environment does not name",
        put("spec.storageClassName", "efs"),
        "is efs, and for ReadWriteMany has to be vultr-vfs-storage or nfs or gp3",
      ),
    ],
  },
  "rwo-one-pod": {
    valid: [
      [recreated, claim],
      [set, claim],
      [withField(set, "spec.replicas", undefined), claim],
      [job, claim],
      [bound, claim],
      [boundByVolume, claim],
      [rolling, shared],
      [rolling], // made by somebody else
      [rolling, withField(claim, "metadata.namespace", "other")],
      [withField(rolling, `${POD}volumes`, [{ name: "data", emptyDir: {} }]), claim],
      [recreated, claim, autoscaler("other")],
      [recreated, claim, withField(autoscaler(), "spec.scaleTargetRef.kind", "StatefulSet")],
      [deployment(), claim],
    ],
    mutations: [
      rolls("a rolling update", 0, put("spec.strategy.type", "RollingUpdate")),
      rolls("no strategy", 0, drop("spec.strategy")),
      twice("two pods that are recreated", 0, put("spec.replicas", 2), "spec.replicas", "2"),
      twice("two pods of a set", 1, put("spec.replicas", 2), "spec.replicas", "2"),
      twice("an autoscaler", 0, (stack) => void stack.push(autoscaler()), "spec.replicas", "set by HorizontalPodAutoscaler example/api"),
      twice("a DaemonSet", 1, ([fixture]) => void Object.assign(fixture!, { type: "kubernetes:apps/v1:DaemonSet" }), "kind", "DaemonSet"),
      twice("a Job of two pods", 3, put("spec.parallelism", 2), "spec.parallelism", "2"),
      twice("a Job that does not wait", 3, drop("spec.podReplacementPolicy"), "spec.podReplacementPolicy", "TerminatingOrFailed"),
      twice(
        "one pod alone",
        0,
        (stack) => {
          drop("spec.strategy")(stack);
          put("spec.accessModes", ["ReadWriteOncePod"], 1)(stack);
        },
        "spec.strategy.type",
        "RollingUpdate",
        "ReadWriteOncePod",
      ),
      twice(
        "pods on one node, of a volume for one pod",
        4,
        put("spec.accessModes", ["ReadWriteOncePod"], 1),
        "spec.strategy.type",
        "RollingUpdate",
        "ReadWriteOncePod",
      ),
      rolls("pods on one node that write", 4, drop(`${POD}containers[0].volumeMounts[0].readOnly`)),
      rolls("pods on one node whose first step writes", 4, put(`${POD}initContainers[0].volumeMounts`, [{ name: "data" }])),
      rolls("pods that read on any node", 4, drop(`${POD}affinity`)),
      rolls("pods in one zone", 4, put(`${AFFINITY}[0].topologyKey`, "topology.kubernetes.io/zone")),
      rolls("pods beside others", 4, put(`${AFFINITY}[0].labelSelector.matchLabels`, { a: "b" })),
      rolls("pods beside nobody", 4, drop(`${AFFINITY}[0].labelSelector`)),
    ],
  },
} satisfies Record<string, Case>;

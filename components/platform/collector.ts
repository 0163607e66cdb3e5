import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { containerSecurityOf } from "../kubernetes/security";
import type { Collector } from "./monitoring-options";
import { LABELS, type Room } from "./room";

const NAME = "alloy";
/** User of the image (grafana.com/docs/alloy/latest/configure/nonroot). */
const USER = 473;
/** User of the container beside it that has new configuration read. */
const RELOADER = 65534;
/** Where it notes how far it has read. It is gone with the pod: what is read again then, Loki has already, and takes once. */
const STATE = { name: "state", mountPath: "/tmp/alloy" } as const;

type Security = ReturnType<typeof containerSecurityOf> & { readonly runAsUser: number; readonly runAsGroup: number };
const securityOf = (user: number): Security => ({ ...containerSecurityOf(), runAsUser: user, runAsGroup: user });

/** Values of the chart (operations/helm/charts/alloy/values.yaml of grafana/alloy). */
interface Values {
  readonly fullnameOverride: string;
  readonly crds: { readonly create: boolean };
  readonly rbac: { readonly create: boolean };
  readonly serviceAccount: { readonly create: boolean; readonly name: string };
  readonly global: { readonly podSecurityContext: { readonly fsGroup: number; readonly seccompProfile: { readonly type: string } } };
  readonly alloy: {
    readonly configMap: { readonly content: string };
    readonly clustering: { readonly enabled: boolean };
    readonly enableReporting: boolean;
    readonly storagePath: string;
    readonly mounts: { readonly varlog: boolean; readonly extra: readonly (typeof STATE)[] };
    readonly securityContext: Security;
    readonly resources: {
      readonly requests: { readonly cpu: string; readonly memory: string };
      readonly limits: { readonly memory: string };
    };
  };
  readonly configReloader: { readonly securityContext: Security };
  readonly controller: {
    readonly type: "deployment";
    readonly replicas: number;
    readonly volumes: { readonly extra: readonly { readonly name: string; readonly emptyDir: { readonly sizeLimit: string } }[] };
  };
  readonly serviceMonitor: { readonly enabled: boolean };
}

const LABEL_OF = {
  namespace: "__meta_kubernetes_namespace",
  pod: "__meta_kubernetes_pod_name",
  container: "__meta_kubernetes_pod_container_name",
  app: "__meta_kubernetes_pod_label_app_kubernetes_io_name",
} as const;

/** What Alloy does: it follows every container's log through the API server, and sends it to Loki under the labels above. */
const collectorConfigOf = (loki: string): string => `discovery.kubernetes "pods" {
  role = "pod"
}

discovery.relabel "pods" {
  targets = discovery.kubernetes.pods.targets
${Object.entries(LABEL_OF)
  .map(
    ([label, source]) => `
  rule {
    source_labels = ["${source}"]
    target_label  = "${label}"
  }
`,
  )
  .join("")}}

loki.source.kubernetes "pods" {
  targets    = discovery.relabel.pods.output
  forward_to = [loki.write.loki.receiver]

  clustering {
    enabled = true
  }
}

loki.write "loki" {
  endpoint {
    url = "${loki}/loki/api/v1/push"
  }
}
`;

/** @param loki address of Loki */
const collectorValues = ({ replicas, memory }: Collector, loki: string, monitored: boolean): Values => ({
  fullnameOverride: NAME,
  crds: { create: false },
  rbac: { create: false },
  serviceAccount: { create: true, name: NAME },
  global: { podSecurityContext: { fsGroup: USER, seccompProfile: { type: "RuntimeDefault" } } },
  alloy: {
    configMap: { content: collectorConfigOf(loki) },
    clustering: { enabled: replicas > 1 },
    enableReporting: false,
    storagePath: STATE.mountPath,
    mounts: { varlog: false, extra: [STATE] },
    securityContext: securityOf(USER),
    resources: { requests: { cpu: "100m", memory }, limits: { memory } },
  },
  configReloader: { securityContext: securityOf(RELOADER) },
  controller: { type: "deployment", replicas, volumes: { extra: [{ name: STATE.name, emptyDir: { sizeLimit: "1Gi" } }] } },
  serviceMonitor: { enabled: monitored },
});

/** What it may do: the chart's own role lets it read every Secret of the cluster. */
const roleOf = () =>
  ({
    metadata: { name: NAME, labels: LABELS },
    rules: [
      { apiGroups: [""], resources: ["namespaces", "pods"], verbs: ["get", "list", "watch"] },
      { apiGroups: [""], resources: ["pods/log"], verbs: ["get"] },
    ],
  }) satisfies k8s.rbac.v1.ClusterRoleArgs;

const bindingOf = (role: pulumi.Input<string>, namespace: pulumi.Input<string>) =>
  ({
    metadata: { name: NAME, labels: LABELS },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role },
    subjects: [{ kind: "ServiceAccount", name: NAME, namespace }],
  }) satisfies k8s.rbac.v1.ClusterRoleBindingArgs;

/**
 * Installs Alloy, which ships the logs of all pods to Loki.
 *
 * It reads them through the API server: no folder of a node is mounted, so that it runs under pod security `restricted`. That costs the API
 * server and the kubelets a connection for each container that runs.
 */
export function installCollector(room: Room, part: Collector, loki: string, after: readonly pulumi.Resource[]): void {
  const namespace = room.namespace(part.namespace);
  const role = room.child(k8s.rbac.v1.ClusterRole, "collector-role", roleOf());
  room.child(k8s.rbac.v1.ClusterRoleBinding, "collector-binding", bindingOf(role.metadata.name, namespace));
  const values = collectorValues(part, loki, room.plan.options.prometheus !== undefined);
  room.release("alloy", { name: NAME, namespace, values, version: part.version }, after);
}

/**
 * What deployers and previewers may do: the ClusterRoles and the tables of docs/deployers.md are made from this.
 *
 * The verbs are those of the official plugin: it reads, creates, applies (patch) and deletes, and watches what it deletes and waits for
 * (provider/pkg/await of pulumi/pulumi-kubernetes). `update` is Helm's, for the Secrets that it keeps its revisions in.
 */

type Verb = "get" | "list" | "watch" | "create" | "update" | "patch" | "delete";

/** Kinds of one API group, what may be done with them, and what for. */
export interface AccessRule {
  /** API group; empty for the core. */
  readonly group: string;
  readonly resources: readonly string[];
  readonly verbs: readonly Verb[];
  readonly why: string;
}

const READ = ["get", "list", "watch"] as const;
const MANAGE = [...READ, "create", "patch", "delete"] as const;

const managed = (group: string, resources: readonly string[], why: string): AccessRule => ({ group, resources, verbs: MANAGE, why });
const read = (group: string, resources: readonly string[], why: string): AccessRule => ({ group, resources, verbs: READ, why });

const SECRETS = "secrets";
const LOGS = "pods/log";
const PORT_FORWARD = "pods/portforward";

/** All that a stack of the systems needs, object by object or by chart. */
export const DEPLOYER_RULES: readonly AccessRule[] = [
  managed("", ["namespaces"], "Each system's namespace, each tenant's; and who the cluster is, by the uid of `kube-system`."),
  managed(
    "",
    ["configmaps", "services", "serviceaccounts", "persistentvolumeclaims", "resourcequotas"],
    "Objects of all systems and of the data services beside them; quotas of namespaces.",
  ),
  {
    group: "",
    resources: [SECRETS],
    verbs: [...MANAGE, "update"],
    why: "Keys, passwords, the pull secret; and the revisions of charts, which Helm updates.",
  },
  managed(
    "apps",
    ["deployments", "statefulsets"],
    "Workloads; before anything is planned, who made them and what FluxionDB's tenants have.",
  ),
  managed("batch", ["jobs"], "The migration of the starter, the data of Plinko, hooks of charts."),
  managed("autoscaling", ["horizontalpodautoscalers"], "Autoscalers of dotdo, Plinko and the starter."),
  managed("policy", ["poddisruptionbudgets"], "Disruption budgets."),
  managed("networking.k8s.io", ["ingresses", "networkpolicies"], "Who may talk to whom, and the edge on Ingress."),
  managed("gateway.networking.k8s.io", ["httproutes", "listenersets"], "The edge on Gateway API."),
  managed("gateway.envoyproxy.io", ["backendtrafficpolicies"], "The edge on Envoy Gateway: hashing, timeouts, sizes."),
  managed("cert-manager.io", ["certificates"], "Certificates of hosts on a Gateway."),
  managed("external-secrets.io", ["externalsecrets"], "Secrets that an operator fetches."),
  managed("monitoring.coreos.com", ["servicemonitors"], "Metrics of dotdo."),
  managed("velero.io", ["schedules"], "Backups of FluxionDB's tenants and of Plinko, in Velero's namespace."),
  {
    group: "snapshot.storage.k8s.io",
    resources: ["volumesnapshots"],
    verbs: [...READ, "create"],
    why: "Backups of FluxionDB as a service, and the last one of a tenant that is deleted.",
  },
  read("snapshot.storage.k8s.io", ["volumesnapshotclasses"], "Whether FluxionDB as a service can take them."),
  read("", ["pods", "events", "endpoints"], "Waiting for workloads, Services and Ingresses, and saying why one does not get ready."),
  { group: "", resources: [LOGS], verbs: ["get"], why: "The last lines of a pod that does not get ready, which `stackyard up` shows." },
  {
    group: "",
    resources: [PORT_FORWARD],
    verbs: ["get", "create"],
    why: "Whether a pod answers, which `stackyard verify` and `release` ask through a port-forward; by either verb, as the API server is old or new.",
  },
  read("gateway.networking.k8s.io", ["gateways"], "The address of a Gateway that routes hang on, which they ask for."),
  read(
    "external-secrets.io",
    ["secretstores", "clustersecretstores"],
    "Whether the store of an external secret is healthy, which they ask, too.",
  ),
  read("apps", ["replicasets"], "Waiting for Deployments."),
  read("discovery.k8s.io", ["endpointslices"], "Waiting for Services and Ingresses."),
  read("storage.k8s.io", ["storageclasses"], "Whether a volume of Plinko can be shared, and waiting for claims."),
];

/** The same, to look at only: no verb that writes, no Secret, no log, no connection to a pod. */
export const PREVIEWER_RULES: readonly AccessRule[] = DEPLOYER_RULES.flatMap(({ resources, ...rule }) => {
  const shown = resources.filter((resource) => ![SECRETS, LOGS, PORT_FORWARD].includes(resource));
  return shown.length > 0 ? [{ ...rule, resources: shown, verbs: READ }] : [];
});

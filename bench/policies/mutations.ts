import { parsePath, type Path, type Properties, type Value } from "../../sandbox/plugins/values";
import type { KubernetesObject } from "../objects";

/** A way in which a good manifest is made a bad one. */
export interface Mutation {
  readonly name: string;
  /** Namespace of stack `dev` whose objects are the good manifest. */
  readonly of: string;
  /** Object that is changed, by kind and name. */
  readonly object?: string;
  /** What is put where in it: undefined takes out what is there. */
  readonly changes?: Readonly<Record<string, Value | undefined>>;
  /** Object that is added. */
  readonly added?: KubernetesObject;
}

const POD = "spec.template.spec";
const MAIN = `${POD}.containers[0]`;

const mutation = (of: string, object: string, name: string, changes: Mutation["changes"]): Mutation => ({ name, of, object, changes });
const dotdo = (name: string, changes: Mutation["changes"]) => mutation("dotdo-dev", "Deployment dotdo", name, changes);
/** Of a container, so that all three kinds of container are tried with what is told of one. */
const container = (name: string, path: string, value?: Value) => dotdo(name, { [`${MAIN}.${path}`]: value });
const added = (name: string, object: object): Mutation => ({ name, of: "dotdo-dev", added: object as KubernetesObject });
const role = (rule: object) => ({
  apiVersion: "rbac.authorization.k8s.io/v1",
  metadata: { name: "wide", namespace: "dotdo-dev" },
  rules: [rule],
});

const UNCONFINED = {
  name: "extra",
  image: "docker.io/library/busybox:latest",
  securityContext: { privileged: true, allowPrivilegeEscalation: true, capabilities: { add: ["SYS_ADMIN"] } },
};

/** One way a line; the systems' own rules first. */
export const MUTATIONS: readonly Mutation[] = [
  mutation("dotdo-dev", "Ingress dotdo-by-id", "a hash key of two variables", {
    'metadata.annotations["nginx.ingress.kubernetes.io/upstream-hash-by"]': "$http_x_do_id$request_uri",
  }),
  mutation("dotdo-dev", "HorizontalPodAutoscaler dotdo", "one pod at least", { "spec.minReplicas": 1 }),
  mutation("fluxiondb-alice", "StatefulSet fluxiondb", "two FluxionDB replicas", { "spec.replicas": 2 }),
  mutation("fluxiondb-alice", "PersistentVolumeClaim fluxiondb", "storage three times the RAM", {
    "spec.resources.requests.storage": "3Gi",
  }),
  mutation("fluxiondb-alice", "StatefulSet fluxiondb", "memory request below the limit", { [`${MAIN}.resources.requests.memory`]: "64Mi" }),
  mutation("plinko-dev", "PersistentVolumeClaim plinko-data-rwo", "RWX on a class that has none", {
    "spec.accessModes": ["ReadWriteMany"],
  }),
  mutation("plinko-dev", "Deployment plinko-cdn-mock", "an image without a tag", { [`${MAIN}.image`]: "docker.io/library/nginx" }),
  mutation("starter-dev", "Deployment starter-api", "a literal secret", { [`${MAIN}.env[0]`]: { name: "SECRET_KEY", value: "in-clear" } }),
  dotdo("the network of the node", { [`${POD}.hostNetwork`]: true }),
  dotdo("the processes of the node", { [`${POD}.hostPID`]: true }),
  dotdo("the IPC of the node", { [`${POD}.hostIPC`]: true }),
  dotdo("a folder of the node", { [`${POD}.volumes[0]`]: { name: "tmp", hostPath: { path: "/etc" } } }),
  dotdo("the runtime's socket", { [`${POD}.volumes[0]`]: { name: "tmp", hostPath: { path: "/var/run/docker.sock" } } }),
  dotdo("an unsafe sysctl", { [`${POD}.securityContext.sysctls`]: [{ name: "kernel.msgmax", value: "65536" }] }),
  dotdo("root, said of the pod", { [`${POD}.securityContext.runAsUser`]: 0, [`${MAIN}.securityContext.runAsUser`]: 0 }),
  dotdo("root, not said", { [`${POD}.securityContext.runAsNonRoot`]: undefined, [`${MAIN}.securityContext.runAsNonRoot`]: undefined }),
  dotdo("no seccomp", { [`${POD}.securityContext.seccompProfile`]: undefined, [`${MAIN}.securityContext.seccompProfile`]: undefined }),
  dotdo("seccomp off", { [`${POD}.securityContext.seccompProfile`]: { type: "Unconfined" } }),
  dotdo("a token", { [`${POD}.automountServiceAccountToken`]: true }),
  dotdo("an account that is not there", { [`${POD}.serviceAccountName`]: "nobody" }),
  dotdo("other labels than selected", { "spec.selector.matchLabels": { "app.kubernetes.io/name": "other" } }),
  dotdo("replicas beside an autoscaler", { "spec.replicas": 3 }),
  dotdo("no label of what it is", { 'spec.template.metadata.labels["app.kubernetes.io/name"]': undefined }),
  dotdo("namespace default", { "metadata.namespace": "default" }),
  dotdo("an init container without any care", { [`${POD}.initContainers`]: [UNCONFINED] }),
  dotdo("an ephemeral container without any care", { [`${POD}.ephemeralContainers`]: [UNCONFINED] }),
  container("a privileged container", "securityContext.privileged", true),
  container("privilege escalation", "securityContext.allowPrivilegeEscalation", true),
  container("a writable root", "securityContext.readOnlyRootFilesystem", false),
  container("capabilities kept", "securityContext.capabilities"),
  container("capabilities added", "securityContext.capabilities.add", ["NET_ADMIN"]),
  container("all of /proc", "securityContext.procMount", "Unmasked"),
  container("an SELinux user", "securityContext.seLinuxOptions", { user: "system_u" }),
  container("AppArmor off", "securityContext.appArmorProfile", { type: "Unconfined" }),
  container("a port of the node", "ports[0].hostPort", 8787),
  container("a tag that is moved", "image", "ghcr.io/dot-do/dotdo:latest"),
  container("no registry", "image", "dotdo:1.0.0"),
  container("no requests", "resources.requests"),
  container("no memory limit", "resources.limits"),
  container("no liveness probe", "livenessProbe"),
  container("no readiness probe", "readinessProbe"),
  container("probes that are the same", "readinessProbe", { httpGet: { path: "/health", port: "http" } }),
  container("a probe of no port", "livenessProbe.httpGet.port", 9999),
  container("a variable twice", "env", [
    { name: "A", value: "1" },
    { name: "A", value: "2" },
  ]),
  mutation("dotdo-dev", "ConfigMap dotdo-config", "a secret in a ConfigMap", { "data.API_TOKEN": "in-clear" }),
  mutation("dotdo-dev", "Service dotdo", "a Service of the node", { "spec.type": "NodePort" }),
  mutation("dotdo-dev", "Service dotdo", "a Service with a load balancer", { "spec.type": "LoadBalancer" }),
  mutation("dotdo-dev", "Service dotdo", "a Service with a foreign address", { "spec.externalIPs": ["192.0.2.1"] }),
  mutation("dotdo-dev", "Service dotdo", "a Service of no pod", { "spec.selector": { app: "nobody" } }),
  mutation("dotdo-dev", "Ingress dotdo", "an Ingress to nowhere", { "spec.rules[0].http.paths[0].backend.service.name": "nobody" }),
  mutation("dotdo-dev", "Ingress dotdo", "a public host without TLS", { "spec.rules[0].host": "do.example.com" }),
  mutation("dotdo-dev", "Ingress dotdo", "an Ingress of any host", { "spec.rules[0].host": undefined }),
  mutation("dotdo-dev", "NetworkPolicy dotdo", "a network policy of no pod", { "spec.podSelector": { matchLabels: { app: "nobody" } } }),
  mutation("dotdo-dev", "HorizontalPodAutoscaler dotdo", "an autoscaler of nothing", { "spec.scaleTargetRef.name": "nobody" }),
  mutation("dotdo-dev", "PodDisruptionBudget dotdo", "a budget of no pod", { "spec.selector": { matchLabels: { app: "nobody" } } }),
  mutation("dotdo-dev", "PodDisruptionBudget dotdo", "a budget that lets none go", {
    "spec.minAvailable": undefined,
    "spec.maxUnavailable": 0,
  }),
  added("a bare pod", {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "bare", namespace: "dotdo-dev" },
    spec: { containers: [UNCONFINED] },
  }),
  added("any verb", { kind: "Role", ...role({ apiGroups: [""], resources: ["pods"], verbs: ["*"] }) }),
  added("any resource", { kind: "ClusterRole", ...role({ apiGroups: ["*"], resources: ["*"], verbs: ["get"] }) }),
  added("cluster-admin", {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    metadata: { name: "all" },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
    subjects: [{ kind: "ServiceAccount", name: "dotdo", namespace: "dotdo-dev" }],
  }),
  added("a removed API", {
    apiVersion: "policy/v1beta1",
    kind: "PodDisruptionBudget",
    metadata: { name: "old", namespace: "dotdo-dev" },
    spec: {},
  }),
];

/** A copy with another value at each path; undefined takes out what is there. */
export const changed = (object: Properties, changes: NonNullable<Mutation["changes"]>): Properties =>
  Object.entries(changes).reduce<Properties>((copy, [path, value]) => put(copy, parsePath(path), value) as Properties, object);

function put(within: Value | undefined, [step, ...rest]: Path, value: Value | undefined): Value | undefined {
  if (step === undefined) return value;
  if (typeof step === "number") {
    const list = Array.isArray(within) ? [...within] : [];
    const item = put(list[step], rest, value);
    if (item === undefined) list.splice(step, 1);
    else list[step] = item;
    return list;
  }
  const { [step]: old, ...others } = (within ?? {}) as Properties;
  const inner = put(old, rest, value);
  return inner === undefined ? others : { ...others, [step]: inner };
}

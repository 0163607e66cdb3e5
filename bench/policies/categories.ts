/** The programs that ours is compared with. */
export const TOOLS = ["kube-score", "kyverno", "conftest"] as const;
export type Tool = (typeof TOOLS)[number];

/** Something that can be wrong with objects, and by which checks each says so. A check that says several things is in several. */
export interface Category extends Readonly<Record<Tool, readonly string[]>> {
  readonly title: string;
  /** Our rules. */
  readonly stackyard: readonly string[];
}

type Checks = Partial<Record<Tool, readonly string[]>>;
const category = (title: string, stackyard: readonly string[], checks: Checks = {}): Category => ({
  ...{ title, stackyard, "kube-score": [], kyverno: [], conftest: [] },
  ...checks,
});

const UNSAID = "container-security-context-user-group-id: Container has no configured security context";

export const CATEGORIES: readonly Category[] = [
  category("privileged container", ["no-privileged"], {
    "kube-score": ["container-security-context-privileged"],
    kyverno: ["disallow-privileged-containers"],
    conftest: ["privileged-container"],
  }),
  category("privilege escalation", ["no-privilege-escalation"], {
    kyverno: ["disallow-privilege-escalation"],
    conftest: ["privilege-escalation-container"],
  }),
  category("network, processes or IPC of the node", ["no-host-namespaces"], {
    kyverno: ["disallow-host-namespaces", "disallow-host-process"],
    conftest: ["host-network", "host-pid", "host-ipc"],
  }),
  category("port of the node", ["no-host-port"], { kyverno: ["disallow-host-ports"], conftest: ["host-port"] }),
  category("folder of the node", ["no-host-path"], {
    kyverno: ["disallow-host-path", "disallow-cri-sock-mount"],
    conftest: ["host-path", "docker-sock"],
  }),
  category("kind of volume", ["volume-types", "no-host-path"], { kyverno: ["restrict-volume-types"] }),
  category("capabilities", ["capabilities-dropped"], {
    kyverno: ["disallow-capabilities", "disallow-capabilities-strict"],
    conftest: ["drop-all-capabilities", "dangerous-capabilities"],
  }),
  category("seccomp", ["seccomp-profile"], {
    "kube-score": ["container-seccomp-profile"],
    kyverno: ["restrict-seccomp", "restrict-seccomp-strict"],
    conftest: ["seccomp"],
  }),
  category("AppArmor off", ["apparmor-profile"], { kyverno: ["restrict-apparmor-profiles"] }),
  category("SELinux options", ["selinux-options"], { kyverno: ["disallow-selinux"] }),
  category("all of /proc", ["proc-masked"], { kyverno: ["disallow-proc-mount"], conftest: ["unsafe-proc-mount"] }),
  category("sysctls", ["safe-sysctls"], { kyverno: ["restrict-sysctls"], conftest: ["unsafe-sysctls"] }),
  category("root", ["non-root"], {
    "kube-score": [UNSAID],
    kyverno: ["require-run-as-nonroot", "require-run-as-non-root-user"],
    conftest: ["run-as-non-root", "run-as-root"],
  }),
  category("group root", [], { kyverno: ["require-non-root-groups"] }),
  category("user or group below 10000", [], {
    "kube-score": [
      "container-security-context-user-group-id: The container is running with a low user ID",
      "container-security-context-user-group-id: The container running with a low group ID",
    ],
  }),
  category("writable root file system", ["read-only-root"], {
    "kube-score": ["container-security-context-readonlyrootfilesystem"],
    kyverno: ["require-ro-rootfs"],
    conftest: ["no-read-only-root-fs"],
  }),
  category("image that is not pinned", ["image-pinned"], {
    "kube-score": ["container-image-tag"],
    kyverno: ["disallow-latest-tag"],
    conftest: ["latest-tag"],
  }),
  category("registry", ["image-registry"], { kyverno: ["restrict-image-registries"], conftest: ["registry"] }),
  category("pull policy other than Always", ["image-pull-policy"], { "kube-score": ["container-image-pull-policy"] }),
  category("requests", ["resources-set"], {
    "kube-score": ["container-resources: CPU request is not set", "container-resources: Memory request is not set"],
    kyverno: ["require-requests-limits"],
    conftest: ["unset-cpu-requests", "unset-memory-requests"],
  }),
  category("memory limit", ["resources-set"], {
    "kube-score": ["container-resources: Memory limit is not set"],
    kyverno: ["require-requests-limits"],
    conftest: ["unset-memory-limits"],
  }),
  category("CPU limit", ["resources-set"], { "kube-score": ["container-resources: CPU limit is not set"] }),
  category("requests other than limits", ["fluxiondb-memory"], {
    "kube-score": [
      ...["container-resource-requests-equal-limits", "container-cpu-requests-equal-limits", "container-memory-requests-equal-limits"],
      "container-ephemeral-storage-request-equals-limit",
    ],
  }),
  category("ephemeral storage", [], { "kube-score": ["container-ephemeral-storage-request-and-limit"] }),
  category("probes that are missing", ["probes-set"], {
    "kube-score": ["pod-probes"],
    kyverno: ["require-pod-probes"],
    conftest: ["no-liveness-probe", "no-readiness-probe"],
  }),
  category("probes that are the same", ["probes-differ"], { "kube-score": ["pod-probes-identical"], kyverno: ["ensure-probes-different"] }),
  category("probe of a port that is not there", ["probe-port"], {
    conftest: ["livenessProbe-port", "readinessProbe-port", "startupProbe-port"],
  }),
  category("ports of a container", ["one-object"], { "kube-score": ["container-ports-check"] }),
  category("variable twice", ["unique-env"], { "kube-score": ["environment-variable-key-duplication"], conftest: ["duplicate-env-var"] }),
  category("secret in clear", ["no-secret-in-env", "no-secret-in-config-map"], { conftest: ["env-var-secret"] }),
  category("secret in a variable", ["secrets-as-files"], { kyverno: ["secrets-not-from-env-vars"] }),
  category("token of an account", ["no-service-account-token"], {
    kyverno: ["restrict-automount-sa-token"],
    conftest: ["automount-service-account-token"],
  }),
  category("account that is not there", ["service-account-exists"], { conftest: ["non-existent-service-account"] }),
  category("bare pod", ["no-bare-pod"], { kyverno: ["prevent-bare-pods"], conftest: ["bare-pod"] }),
  category("namespace default", ["own-namespace"], { kyverno: ["disallow-default-namespace"], conftest: ["use-namespace"] }),
  category("labels", ["labels-set"], { "kube-score": ["label-values"], kyverno: ["require-labels"], conftest: ["required-labels"] }),
  category("one replica", ["enough-replicas"], {
    "kube-score": ["deployment-replicas"],
    kyverno: ["require-multiple-replicas"],
    conftest: ["missing-replicas"],
  }),
  category("autoscaler down to one pod", ["enough-replicas", "dotdo-scaling"], {
    "kube-score": ["horizontalpodautoscaler-replicas"],
    conftest: ["hpa-minimum-replicas"],
  }),
  category("all pods on one node", ["pods-spread"], {
    "kube-score": ["deployment-has-host-podantiaffinity", "statefulset-has-host-podantiaffinity", "pod-topology-spread-constraints"],
    conftest: ["no-anti-affinity"],
  }),
  category("no disruption budget", ["disruption-budget"], {
    "kube-score": ["deployment-has-poddisruptionbudget", "statefulset-has-poddisruptionbudget"],
    conftest: ["missing-pdb"],
  }),
  category("disruption budget of no pod, or that lets none go", ["budget-selects-pods", "budget-lets-pods-go", "one-budget"], {
    "kube-score": ["poddisruptionbudget-has-policy"],
    conftest: ["pdb-max-unavailable", "pdb-min-available"],
  }),
  category("update that stops all pods", ["rolling-update"], { "kube-score": ["deployment-strategy"] }),
  category("CronJob without a deadline", ["cron-deadline"], { "kube-score": ["cronjob-has-deadline", "cronjob-restartpolicy"] }),
  category("no network policy", ["pods-have-network-policy"], { "kube-score": ["pod-networkpolicy"], conftest: ["non-isolated-pod"] }),
  category("network policy of no pod", ["network-policy-selects-pods"], {
    "kube-score": ["networkpolicy-targets-pod"],
    conftest: ["dangling-networkpolicy"],
  }),
  category("Service of no pod", ["service-selects-pods", "service-port-of-pods"], {
    "kube-score": ["service-targets-pod"],
    conftest: ["dangling-service"],
  }),
  category("StatefulSet without its Service", ["stateful-set-has-service"], { "kube-score": ["statefulset-has-servicename"] }),
  category("Service open to the outside", ["service-internal"], {
    "kube-score": ["service-type"],
    kyverno: ["restrict-nodeport", "no-loadbalancers"],
    conftest: ["exposed-services"],
  }),
  category("external IP", ["service-internal"], { kyverno: ["restrict-external-ips"] }),
  category("Ingress to nowhere", ["route-backend-exists"], { "kube-score": ["ingress-targets-service"], conftest: ["dangling-ingress"] }),
  category("Ingress without TLS", ["ingress-tls"], { kyverno: ["require-ingress-https"], conftest: ["tls-settings-missing"] }),
  category("Ingress of any host", ["hosts-named"], { kyverno: ["disallow-empty-ingress-host"] }),
  category("selector of other pods", ["selector-of-own-pods"], {
    "kube-score": [
      "deployment-pod-selector-labels-match-template-metadata-labels",
      "statefulset-pod-selector-labels-match-template-metadata-labels",
    ],
    conftest: ["mismatching-selector"],
  }),
  category("replicas beside an autoscaler", ["one-scaler", "one-autoscaler"], {
    "kube-score": ["deployment-targeted-by-hpa-does-not-have-replicas-configured"],
    conftest: ["hpa-and-replicas"],
  }),
  category("autoscaler of nothing", ["autoscaler-has-target"], {
    "kube-score": ["horizontalpodautoscaler-has-target"],
    conftest: ["dangling-hpa"],
  }),
  category("any verb or any resource", ["no-wildcard-role"], { kyverno: ["restrict-wildcards"], conftest: ["wildcard-in-rules"] }),
  category("reading all Secrets", ["no-secret-listing"], { conftest: ["access-to-secrets"] }),
  category("cluster-admin", ["no-admin-binding"], { kyverno: ["restrict-binding-clusteradmin"], conftest: ["cluster-admin-role-binding"] }),
  category("API that is gone", ["no-removed-api"], {
    "kube-score": ["stable-version"],
    kyverno: ["check-deprecated-apis"],
    conftest: ["no-extensions-v1beta"],
  }),
  category("pod without containers", [], { "kube-score": ["container-resources: No containers defined"] }),
];

/** What no category has of ours: rules of the systems, and those that none of the others has. */
export const ONLY_OURS = "what only ours finds";
export const TITLES: readonly string[] = [...CATEGORIES.map(({ title }) => title), ONLY_OURS];

/** Whether a check's finding is meant by one of these: the whole of it, or its id. */
const meant = (checks: readonly string[], finding: string): boolean =>
  checks.some((check) => finding === check || finding.startsWith(`${check}: `));

/** Titles of the categories that findings of one are in. */
export function titlesOf(whose: Tool | "stackyard", findings: readonly string[]): string[] {
  const titles = CATEGORIES.filter((one) => findings.some((finding) => meant(one[whose], finding))).map(({ title }) => title);
  return whose === "stackyard" && unsorted(whose, findings).length > 0 ? [...titles, ONLY_OURS] : titles;
}

/** Findings that are in no category. */
export const unsorted = (whose: Tool | "stackyard", findings: readonly string[]): string[] =>
  findings.filter((finding) => !CATEGORIES.some((one) => meant(one[whose], finding)));

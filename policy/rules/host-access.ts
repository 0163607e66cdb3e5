import type { types } from "@pulumi/kubernetes";
import type { Container, Partly } from "../object";
import { eachContainer, eachSecurityContext, podSpecOf, podTemplateOf } from "../pods";
import { each, objectRule } from "../rule";

export const noHostNamespaces = objectRule({
  id: "no-host-namespaces",
  family: "pods",
  severity: "critical",
  refusesUnknown: true,
  reason:
    "A pod in its node's namespaces sees the traffic, the processes and the memory of all others, and no network policy holds for it.",
  remedy: "Take hostNetwork, hostPID, hostIPC and windowsOptions.hostProcess out.",
  source:
    "Pod Security baseline; Kyverno disallow-host-namespaces, disallow-host-process; kube-linter host-network, host-pid, host-ipc; Polaris hostNetworkSet, hostPIDSet, hostIPCSet, hostProcess",
  check: (object, report) => {
    const pod = podSpecOf(object);
    for (const name of ["hostNetwork", "hostPID", "hostIPC"] as const) {
      if (pod?.spec[name] === true) report({ field: `${pod.path}${name}`, problem: "is true, and has to be left out" });
    }
    eachSecurityContext(object, ({ windowsOptions }, path, container) => {
      if (windowsOptions?.hostProcess !== true) return;
      report({ container, field: `${path}windowsOptions.hostProcess`, problem: "is true, and has to be left out" });
    });
  },
});

export const noHostPath = objectRule({
  id: "no-host-path",
  family: "pods",
  severity: "critical",
  refusesUnknown: true,
  reason: "What a pod mounts of its node (its container runtime's socket, /etc, /) it can take the node over with.",
  remedy: "Use a claim, or an emptyDir for what need not last.",
  source: "Pod Security baseline; Kyverno disallow-host-path; kube-linter docker-sock, sensitive-host-mounts; Polaris hostPathSet",
  check: (object, report) => {
    const pod = podSpecOf(object);
    each(pod?.spec.volumes, ({ hostPath, name }) => {
      if (hostPath === undefined) return;
      report({ field: `${pod!.path}volumes`, problem: `has "${name}", which is ${hostPath.path} of the node` });
    });
  },
});

export const volumeTypes = objectRule({
  id: "volume-types",
  family: "pods",
  severity: "medium",
  reason: "Drivers that are built into the kubelet run as root on the node, and are told by the pod what to mount.",
  remedy: "Use a claim, whose storage class names a CSI driver.",
  source: "Pod Security restricted; Kyverno restrict-volume-types",
  values: {
    allowed: ["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected", "secret"],
  },
  check: (object, report, { allowed }) => {
    const pod = podSpecOf(object);
    each(pod?.spec.volumes, (volume) => {
      // what is of the node is no-host-path's
      const others = Object.keys(volume).filter((key) => !["name", "hostPath", ...allowed].includes(key));
      if (others.length === 0) return;
      report({ field: `${pod!.path}volumes`, problem: `has "${volume.name}" of type ${others.join(", ")}, which is not allowed` });
    });
  },
});

export const noHostPort = objectRule({
  id: "no-host-port",
  family: "containers",
  severity: "high",
  reason:
    "A port of the node is open to whoever reaches the node, past every Service and most network policies, and lets one pod run there.",
  remedy: "Take hostPort out, and let a Service lead to the container's port.",
  source: "Pod Security baseline; Kyverno disallow-host-ports; Polaris hostPortSet",
  check: (object, report) =>
    eachContainer(object, ({ container: { ports }, name, path }) =>
      ports?.forEach(({ hostPort = 0 }, index) => {
        if (hostPort !== 0)
          report({ container: name, field: `${path}ports[${index}].hostPort`, problem: `is ${hostPort}, and has to be left out` });
      }),
    ),
});

/** Those that act on the pod alone. */
const SAFE_SYSCTLS = [
  "kernel.shm_rmid_forced",
  "net.ipv4.ip_local_port_range",
  "net.ipv4.tcp_syncookies",
  "net.ipv4.ping_group_range",
  "net.ipv4.ip_unprivileged_port_start",
  "net.ipv4.ip_local_reserved_ports",
  "net.ipv4.tcp_keepalive_time",
  "net.ipv4.tcp_fin_timeout",
  "net.ipv4.tcp_keepalive_intvl",
  "net.ipv4.tcp_keepalive_probes",
  "net.ipv4.tcp_rmem",
  "net.ipv4.tcp_wmem",
];

export const safeSysctls = objectRule({
  id: "safe-sysctls",
  family: "pods",
  severity: "high",
  reason: "A parameter of the kernel that is not the pod's own changes the node for all pods on it.",
  remedy: "Take it out; where the system needs it, set it on the nodes.",
  source: "Pod Security baseline; Kyverno restrict-sysctls; kube-linter unsafe-sysctls",
  values: { allowed: SAFE_SYSCTLS },
  check: (object, report, { allowed }) => {
    const pod = podSpecOf(object);
    each(pod?.spec.securityContext?.sysctls, ({ name = "" }) => {
      if (!allowed.includes(name))
        report({ field: `${pod!.path}securityContext.sysctls`, problem: `has ${name}, which is not the pod's own` });
    });
  },
});

export const procMasked = objectRule({
  id: "proc-masked",
  family: "containers",
  severity: "high",
  reason: "What the runtime masks of /proc tells a container of its node, and lets it change it.",
  remedy: "Take securityContext.procMount out.",
  source: "Pod Security baseline; Kyverno disallow-proc-mount; kube-linter unsafe-proc-mount; Polaris procMount",
  check: (object, report) =>
    eachContainer(object, ({ container: { securityContext }, name, path }) => {
      const { procMount = "Default" } = securityContext ?? {};
      if (procMount === "Default") return;
      report({ container: name, field: `${path}securityContext.procMount`, problem: `is ${procMount}, and has to be left out` });
    }),
});

const SELINUX_TYPES = ["container_t", "container_init_t", "container_kvm_t", "container_engine_t"];

export const seLinuxOptions = objectRule({
  id: "selinux-options",
  family: "pods",
  severity: "high",
  reason: "A type, user or role of its own takes a container out of what SELinux confines containers to.",
  remedy: `Leave user and role out, and let the type be one of ${SELINUX_TYPES.join(", ")}.`,
  source: "Pod Security baseline; Kyverno disallow-selinux",
  check: (object, report) =>
    eachSecurityContext(object, ({ seLinuxOptions = {} }, path, container) => {
      const { type = "", user = "", role = "" } = seLinuxOptions;
      const field = `${path}seLinuxOptions`;
      if (type !== "" && !SELINUX_TYPES.includes(type)) {
        report({ container, field: `${field}.type`, problem: `is ${type}, and has to be a type of containers` });
      }
      for (const [key, given] of Object.entries({ user, role })) {
        if (given !== "") report({ container, field: `${field}.${key}`, problem: `is ${given}, and has to be left out` });
      }
    }),
});

const APPARMOR = "container.apparmor.security.beta.kubernetes.io/";

export const appArmorProfile = objectRule({
  id: "apparmor-profile",
  family: "pods",
  severity: "high",
  reason: "A container without the runtime's profile may mount, trace and write what the profile denies.",
  remedy: "Leave the profile out, which is the runtime's own, or name one of the node's.",
  source: "Pod Security baseline; Kyverno restrict-apparmor-profiles",
  check: (object, report) => {
    eachSecurityContext(object, ({ appArmorProfile }, path, container) => {
      if (appArmorProfile?.type !== "Unconfined") return;
      report({ container, field: `${path}appArmorProfile.type`, problem: "is Unconfined, and has to be RuntimeDefault or Localhost" });
    });
    const template = podTemplateOf(object);
    for (const [key, profile] of Object.entries(template?.metadata?.annotations ?? {})) {
      if (!key.startsWith(APPARMOR) || /^(|runtime\/default|localhost\/.*)$/.test(profile ?? "")) continue;
      report({
        container: key.slice(APPARMOR.length),
        field: `${template!.path}metadata.annotations.${key}`,
        problem: "has to be runtime/default or localhost/…",
      });
    }
  },
});

/** What kubelet asks of a container, each by its place in it. */
function handlersOf(container: Container) {
  const { livenessProbe, readinessProbe, startupProbe, lifecycle: { postStart, preStop } = {} } = container;
  const all = { livenessProbe, readinessProbe, startupProbe, "lifecycle.postStart": postStart, "lifecycle.preStop": preStop };
  return Object.entries(all) as [string, Partly<types.output.core.v1.LifecycleHandler> | undefined][];
}

export const noProbeHost = objectRule({
  id: "no-probe-host",
  family: "containers",
  severity: "medium",
  reason: "The kubelet asks the host that is named from the node, past every network policy: a way into what only nodes can reach.",
  remedy: "Take host out, which asks the pod itself; a Host header stands in httpHeaders.",
  source: "Pod Security baseline of Kubernetes 1.34, which Kyverno's podSecurity rules take over",
  check: (object, report) =>
    eachContainer(object, ({ container, name, path }) =>
      each(handlersOf(container), ([place, handler]) => {
        for (const kind of ["httpGet", "tcpSocket"] as const) {
          const host = handler?.[kind]?.host;
          if (host) report({ container: name, field: `${path}${place}.${kind}.host`, problem: `is "${host}", and has to be left out` });
        }
      }),
    ),
});

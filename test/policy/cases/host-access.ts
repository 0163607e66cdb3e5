import { put, unknown, withField, type Case, type Mutation } from "../case";
import { deployment } from "./fixtures";

const POD = "spec.template.spec.";
const MAIN = `${POD}containers[0].`;
const APPARMOR = "container.apparmor.security.beta.kubernetes.io/api";
const ANNOTATION = `spec.template.metadata.annotations["${APPARMOR}"]`;

const ofPod = (path: string, value: unknown, problem: string, field = `${POD}${path}`): Mutation => ({
  by: `${path} ${JSON.stringify(value)}`,
  change: put(`${POD}${path}`, value),
  finds: [{ field, problem }],
});
const ofContainer = (path: string, value: unknown, problem: string, field = `${MAIN}${path}`): Mutation => ({
  by: `${path} ${JSON.stringify(value)}`,
  change: put(`${MAIN}${path}`, value),
  finds: [{ container: "api", field, problem }],
});
const with_ = (path: string, value: unknown) => [withField(deployment(), path, value)];
const without = "is true, and has to be left out";
const volumes = `${POD}volumes`;
const ofNode = (path: string): Mutation =>
  ofPod("volumes", [{ name: "node", hostPath: { path } }], `has "node", which is ${path} of the node`);

const askedOf = (place: string, kind: "httpGet" | "tcpSocket"): Mutation =>
  ofContainer(`${place}.${kind}`, { port: 80, host: "10.0.0.1" }, 'is "10.0.0.1", and has to be left out', `${MAIN}${place}.${kind}.host`);

export const hostAccess = {
  "no-host-namespaces": {
    valid: [[deployment()], with_(`${POD}hostNetwork`, false), with_(`${MAIN}securityContext.windowsOptions`, { hostProcess: false })],
    mutations: [
      ofPod("hostNetwork", true, without),
      ofPod("hostPID", true, without),
      ofPod("hostIPC", true, without),
      ofPod("securityContext.windowsOptions.hostProcess", true, without),
      ofContainer("securityContext.windowsOptions.hostProcess", true, without),
      {
        by: "hostPID that is not known yet",
        change: put(`${POD}hostPID`, unknown),
        finds: [{ field: `${POD}hostPID`, problem: "is not known before the update, and has to be" }],
      },
    ],
  },
  "no-host-path": {
    valid: [[deployment()]],
    mutations: [
      ofNode("/var/run/docker.sock"),
      ofNode("/etc"),
      {
        by: "volumes that are not known yet",
        change: put(volumes, [unknown, { name: "node", hostPath: { path: "/" } }]),
        finds: [
          { field: volumes, problem: 'has "node", which is / of the node' },
          { field: `${volumes}.0`, problem: "is not known before the update, and has to be" },
        ],
      },
    ],
  },
  "volume-types": {
    valid: [
      [deployment()],
      with_(volumes, [
        { name: "a", configMap: {} },
        { name: "b", csi: {} },
        { name: "c", downwardAPI: {} },
        { name: "d", ephemeral: {} },
        { name: "e", image: {} },
        { name: "f", persistentVolumeClaim: {} },
        { name: "g", projected: {} },
        { name: "h", secret: {} },
        { name: "i", hostPath: {} }, // another rule's
      ]),
    ],
    mutations: [
      ofPod("volumes", [{ name: "share", nfs: {} }], 'has "share" of type nfs, which is not allowed'),
      ofPod("volumes", [{ name: "both", nfs: {}, iscsi: {} }], 'has "both" of type nfs, iscsi, which is not allowed'),
    ],
  },
  "no-host-port": {
    valid: [[deployment()], with_(`${MAIN}ports`, [{ containerPort: 80, hostPort: 0 }])],
    mutations: [
      ofContainer(
        "ports",
        [{ containerPort: 80 }, { containerPort: 8080, hostPort: 80 }],
        "is 80, and has to be left out",
        `${MAIN}ports[1].hostPort`,
      ),
    ],
  },
  "safe-sysctls": {
    valid: [[deployment()], with_(`${POD}securityContext.sysctls`, [{ name: "net.ipv4.tcp_rmem", value: "1" }])],
    mutations: [
      ofPod("securityContext.sysctls", [{ name: "kernel.msgmax", value: "1" }], "has kernel.msgmax, which is not the pod's own"),
      ofPod("securityContext.sysctls", [{ value: "1" }], "has , which is not the pod's own"),
    ],
  },
  "proc-masked": {
    valid: [[deployment()], with_(`${MAIN}securityContext.procMount`, "Default"), with_(`${MAIN}securityContext`, undefined)],
    mutations: [ofContainer("securityContext.procMount", "Unmasked", "is Unmasked, and has to be left out")],
  },
  "selinux-options": {
    valid: [
      [deployment()],
      ...["container_t", "container_init_t", "container_kvm_t", "container_engine_t", ""].map((type) =>
        with_(`${MAIN}securityContext.seLinuxOptions`, { type, level: "s0:c1" }),
      ),
    ],
    mutations: [
      ofContainer("securityContext.seLinuxOptions.type", "spc_t", "is spc_t, and has to be a type of containers"),
      ofPod("securityContext.seLinuxOptions.user", "system_u", "is system_u, and has to be left out"),
      ofPod("securityContext.seLinuxOptions.role", "object_r", "is object_r, and has to be left out"),
    ],
  },
  "apparmor-profile": {
    valid: [
      [deployment()],
      ...["RuntimeDefault", "Localhost"].map((type) => with_(`${POD}securityContext.appArmorProfile`, { type })),
      ...["runtime/default", "localhost/mine", ""].map((profile) => with_(ANNOTATION, profile)),
      with_('spec.template.metadata.annotations["example.com/profile"]', "unconfined"),
    ],
    mutations: [
      ofPod("securityContext.appArmorProfile.type", "Unconfined", "is Unconfined, and has to be RuntimeDefault or Localhost"),
      ofContainer("securityContext.appArmorProfile.type", "Unconfined", "is Unconfined, and has to be RuntimeDefault or Localhost"),
      ...["unconfined", "xruntime/default", "runtime/defaultx", "xlocalhost/a"].map((profile) => ({
        by: `annotation ${profile}`,
        change: put(ANNOTATION, profile),
        finds: [
          {
            container: "api",
            field: `spec.template.metadata.annotations.${APPARMOR}`,
            problem: "has to be runtime/default or localhost/…",
          },
        ],
      })),
    ],
  },
  "no-probe-host": {
    valid: [
      [deployment()],
      with_(`${MAIN}livenessProbe`, { httpGet: { port: 8080, host: "", httpHeaders: [{ name: "Host", value: "localhost" }] } }),
      with_(`${MAIN}lifecycle`, { preStop: { sleep: { seconds: 5 } } }),
    ],
    mutations: [
      askedOf("livenessProbe", "httpGet"),
      ...["readinessProbe", "startupProbe", "lifecycle.postStart", "lifecycle.preStop"].map((place) => askedOf(place, "httpGet")),
      askedOf("livenessProbe", "tcpSocket"),
    ],
  },
} satisfies Record<string, Case>;

import { drop, put, unknown, withField, type Case, type Found, type Mutation } from "../case";
import { barePod, container, cronJob, deployment } from "./fixtures";

const POD = "spec.template.spec.";
const MAIN = `${POD}containers[0].securityContext`;

/** One field of the main container's security context, and what is said of it. */
const field = (path: string, value: unknown, problem: string): Mutation => ({
  by: `${path} ${JSON.stringify(value)}`,
  change: value === undefined ? drop(`${MAIN}.${path}`) : put(`${MAIN}.${path}`, value),
  finds: [{ container: "api", field: `${MAIN}.${path}`, problem }],
});
const missing = (path: string, problem: string, on = path): Mutation => ({ ...field(path, undefined, problem), by: `no ${on}` });
const notKnown = (path: string): Mutation => ({
  by: `${path} that is not known yet`,
  change: put(`${MAIN}.${path}`, unknown),
  finds: [{ field: `${MAIN}.${path}`.replaceAll(/\[(\d)\]/g, ".$1"), problem: "is not known before the update, and has to be" }],
});
/** A container of each other list, with nothing said of its security, and in a CronJob and a Pod. */
const elsewhere = (path: string, problem: string): Mutation[] => {
  const bare = { ...container("other"), securityContext: undefined };
  const found = (place: string): Found => ({ container: "other", field: `${place}.securityContext.${path}`, problem });
  return [
    { by: "an init container", change: put(`${POD}initContainers`, [bare]), finds: [found(`${POD}initContainers[0]`)] },
    { by: "an ephemeral container", change: put(`${POD}ephemeralContainers`, [bare]), finds: [found(`${POD}ephemeralContainers[0]`)] },
    { by: "a pod's", of: 1, change: put("spec.containers", [bare]), finds: [found("spec.containers[0]")] },
    {
      by: "a CronJob's",
      of: 2,
      change: put("spec.jobTemplate.spec.template.spec.containers", [bare]),
      finds: [found("spec.jobTemplate.spec.template.spec.containers[0]")],
    },
  ];
};
const held = [[deployment()], [barePod()], [cronJob()]] as const;
const with_ = (path: string, value: unknown) => [withField(deployment(), path, value)];

export const podSecurity = {
  "no-privileged": {
    valid: [...held, with_(`${MAIN}.privileged`, false)],
    mutations: [field("privileged", true, "is true, and has to be left out"), notKnown("privileged")],
  },
  "no-privilege-escalation": {
    valid: [...held],
    mutations: [
      field("allowPrivilegeEscalation", true, "is true, and has to be false"),
      missing("allowPrivilegeEscalation", "is missing, and has to be false"),
      notKnown("allowPrivilegeEscalation"),
      ...elsewhere("allowPrivilegeEscalation", "is missing, and has to be false"),
    ],
  },
  "capabilities-dropped": {
    valid: [...held, with_(`${MAIN}.capabilities.add`, ["NET_BIND_SERVICE"])],
    mutations: [
      field("capabilities.drop", ["NET_RAW", "CHOWN"], "is NET_RAW, CHOWN, and has to be ALL"),
      missing("capabilities.drop", "is missing, and has to be ALL"),
      field("capabilities.add", ["NET_BIND_SERVICE", "SYS_ADMIN"], "has SYS_ADMIN, and may have NET_BIND_SERVICE alone"),
      notKnown("capabilities"),
      ...elsewhere("capabilities.drop", "is missing, and has to be ALL"),
    ],
  },
  "seccomp-profile": {
    valid: [
      ...held,
      with_(`${POD}securityContext.seccompProfile`, { type: "Localhost", localhostProfile: "a.json" }),
      with_(`${MAIN}.seccompProfile`, { type: "RuntimeDefault" }),
    ],
    mutations: [
      field("seccompProfile.type", "Unconfined", "is Unconfined, and has to be RuntimeDefault or Localhost"),
      {
        by: "none, but one container's own",
        of: 4,
        change: drop(`${POD}securityContext`),
        finds: [
          {
            container: "first",
            field: `${POD}initContainers[0].securityContext.seccompProfile.type`,
            problem: "is missing, and has to be RuntimeDefault or Localhost",
          },
        ],
      },
    ],
  },
  "non-root": {
    valid: [...held, with_(`${MAIN}`, { ...container("api").securityContext, runAsNonRoot: true, runAsUser: 1 })],
    mutations: [
      field("runAsNonRoot", false, "is false, and has to be true"),
      field("runAsUser", 0, "is 0, and has to be another user"),
      {
        by: "user 0 of the pod",
        change: put(`${POD}securityContext.runAsUser`, 0),
        finds: [{ field: `${POD}securityContext.runAsUser`, problem: "is 0, and has to be another user" }],
      },
      {
        by: "nothing of the pod, but one container's own",
        of: 3,
        change: drop(`${POD}securityContext`),
        finds: [
          { container: "first", field: `${POD}initContainers[0].securityContext.runAsNonRoot`, problem: "is missing, and has to be true" },
        ],
      },
      notKnown("runAsUser"),
    ],
  },
  "read-only-root": {
    valid: [...held],
    mutations: [
      field("readOnlyRootFilesystem", false, "is false, and has to be true"),
      missing("readOnlyRootFilesystem", "is missing, and has to be true"),
      ...elsewhere("readOnlyRootFilesystem", "is missing, and has to be true"),
    ],
  },
} satisfies Record<string, Case>;

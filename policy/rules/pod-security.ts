import { eachContainer, eachSecurityContext, podSpecOf } from "../pods";
import { fillIn } from "../remediation";
import { objectRule } from "../rule";

const listed = (names: readonly string[]): string => (names.length === 0 ? "missing" : names.join(", "));

export const noPrivileged = objectRule({
  id: "no-privileged",
  family: "containers",
  severity: "critical",
  refusesUnknown: true,
  reason: "A privileged container is root on its node, with all its devices.",
  remedy: "Take securityContext.privileged out.",
  source:
    "Pod Security baseline; Kyverno disallow-privileged-containers; kube-linter privileged-container; kube-score container-security-context-privileged; Polaris runAsPrivileged",
  check: (object, report) =>
    eachContainer(object, ({ container: { securityContext }, name, path }) => {
      if (securityContext?.privileged !== true) return;
      report({ container: name, field: `${path}securityContext.privileged`, problem: "is true, and has to be left out" });
    }),
});

export const noPrivilegeEscalation = objectRule({
  id: "no-privilege-escalation",
  family: "containers",
  severity: "high",
  refusesUnknown: true,
  reason: "A program that is set-uid root makes root of whoever has got into the container.",
  remedy: "Set securityContext.allowPrivilegeEscalation to false.",
  source:
    "Pod Security restricted; Kyverno disallow-privilege-escalation; kube-linter privilege-escalation-container; Polaris privilegeEscalationAllowed",
  check: (object, report) =>
    eachContainer(object, ({ container: { securityContext }, name, path }) => {
      const allowed = securityContext?.allowPrivilegeEscalation;
      if (allowed === false) return;
      const problem = `is ${allowed ?? "missing"}, and has to be false`;
      report({ container: name, field: `${path}securityContext.allowPrivilegeEscalation`, problem });
    }),
  remediate: (object) =>
    eachContainer(object, ({ container }) => fillIn(container, ["securityContext", "allowPrivilegeEscalation"], false)),
});

/** What Pod Security restricted lets a container add. */
const MAY_ADD = "NET_BIND_SERVICE";

export const capabilitiesDropped = objectRule({
  id: "capabilities-dropped",
  family: "containers",
  severity: "high",
  refusesUnknown: true,
  reason: "What the container runtime grants by default, such as raw packets, is all that many ways out of a container need.",
  remedy: `Set securityContext.capabilities.drop to [ALL], and add nothing but ${MAY_ADD}.`,
  source:
    "Pod Security restricted; Kyverno disallow-capabilities-strict; kube-linter drop-net-raw-capability; Polaris dangerousCapabilities, insecureCapabilities",
  check: (object, report) =>
    eachContainer(object, ({ container: { securityContext }, name, path }) => {
      const { drop = [], add = [] } = securityContext?.capabilities ?? {};
      const field = `${path}securityContext.capabilities`;
      if (!drop.includes("ALL")) report({ container: name, field: `${field}.drop`, problem: `is ${listed(drop)}, and has to be ALL` });
      const added = add.filter((capability) => capability !== MAY_ADD);
      if (added.length > 0)
        report({ container: name, field: `${field}.add`, problem: `has ${listed(added)}, and may have ${MAY_ADD} alone` });
    }),
});

const CONFINED = ["RuntimeDefault", "Localhost"];

export const seccompProfile = objectRule({
  id: "seccomp-profile",
  family: "containers",
  severity: "medium",
  reason: "Without a profile a container may make every call of the kernel, those with the latest holes among them.",
  remedy: "Set securityContext.seccompProfile.type of the pod to RuntimeDefault.",
  source: "Pod Security restricted; Kyverno restrict-seccomp-strict; kube-score container-seccomp-profile; Polaris linuxHardening",
  check: (object, report) => {
    const pod = podSpecOf(object)?.spec.securityContext?.seccompProfile?.type;
    eachContainer(object, ({ container: { securityContext }, name, path }) => {
      const type = securityContext?.seccompProfile?.type ?? pod ?? "missing";
      if (CONFINED.includes(type)) return;
      const problem = `is ${type}, and has to be ${CONFINED.join(" or ")}`;
      report({ container: name, field: `${path}securityContext.seccompProfile.type`, problem });
    });
  },
  remediate: (object) => fillIn(podSpecOf(object)?.spec ?? {}, ["securityContext", "seccompProfile", "type"], "RuntimeDefault"),
});

export const nonRoot = objectRule({
  id: "non-root",
  family: "containers",
  severity: "high",
  refusesUnknown: true,
  reason: "Root in a container is root on its node as soon as it has found a way out.",
  remedy: "Set securityContext.runAsNonRoot to true, and runAsUser to the user that the image is made for.",
  source:
    "Pod Security restricted; Kyverno require-run-as-nonroot, require-run-as-non-root-user; kube-linter run-as-non-root; Polaris runAsRootAllowed",
  check: (object, report) => {
    const pod = podSpecOf(object)?.spec.securityContext?.runAsNonRoot;
    eachSecurityContext(object, ({ runAsUser }, path, container) => {
      if (runAsUser === 0) report({ container, field: `${path}runAsUser`, problem: "is 0, and has to be another user" });
    });
    eachContainer(object, ({ container: { securityContext }, name, path }) => {
      const given = securityContext?.runAsNonRoot ?? pod;
      if (given === true) return;
      report({ container: name, field: `${path}securityContext.runAsNonRoot`, problem: `is ${given ?? "missing"}, and has to be true` });
    });
  },
});

export const readOnlyRoot = objectRule({
  id: "read-only-root",
  family: "containers",
  severity: "medium",
  reason: "Who gets into a container whose root can be written changes its programs, and stays.",
  remedy: "Set securityContext.readOnlyRootFilesystem to true, and mount an emptyDir on each folder that the program writes.",
  source:
    "Kyverno require-ro-rootfs; kube-linter no-read-only-root-fs; kube-score container-security-context-readonlyrootfilesystem; Polaris notReadOnlyRootFilesystem",
  check: (object, report) =>
    eachContainer(object, ({ container: { securityContext }, name, path }) => {
      const given = securityContext?.readOnlyRootFilesystem;
      if (given === true) return;
      const problem = `is ${given ?? "missing"}, and has to be true`;
      report({ container: name, field: `${path}securityContext.readOnlyRootFilesystem`, problem });
    }),
});

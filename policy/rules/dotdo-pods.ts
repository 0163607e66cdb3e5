import type { types } from "@pulumi/kubernetes";
import { podTemplateOf } from "../pods";
import { each, objectRule, stackRule } from "../rule";
import { selects } from "../stack-index";
import { isDotdo } from "../systems";

type ServiceSpec = types.output.core.v1.ServiceSpec;

/** Port by which pods call each other. */
const RPC = "rpc";

export const dotdoHeadless = stackRule({
  id: "dotdo-headless",
  family: "dotdo",
  severity: "medium",
  reason: "Pods find each other by the headless Service: without it one reaches any pod, and not the one that has the object.",
  remedy: "Leave the headless Service as the component makes it: clusterIP None, the selector of the pods, and each of their ports.",
  source: "seed 000, Service discovery; contract 1.2, Services",
  checkIn: (object, stack, report) => {
    if (!isDotdo(object) || object.kind !== "Deployment") return;
    const { metadata, spec, path } = podTemplateOf(object)!;
    const headless = stack.inNamespace(object.namespace, "Service").find((service) => {
      const { clusterIP, selector } = service.spec<ServiceSpec>();
      return clusterIP === "None" && selector !== undefined && selects({ matchLabels: selector }, metadata?.labels ?? {});
    });
    if (headless === undefined) {
      report({ field: `${path}metadata.labels`, problem: "are selected by no headless Service" });
      return;
    }
    const speaksRpc = spec?.containers?.some(({ ports = [] }) => ports.some(({ name }) => name === RPC));
    if (!speaksRpc || headless.spec<ServiceSpec>().ports?.some(({ targetPort }) => targetPort === RPC)) return;
    report({ field: `${path}spec.containers`, problem: `have port ${RPC}, to which ${headless.title} does not lead` });
  },
});

/** Seconds that Kubernetes waits where nothing is said. */
const GRACE = 30;

export const dotdoDrain = objectRule({
  id: "dotdo-drain",
  family: "dotdo",
  severity: "medium",
  reason: "A pod that stops at once cuts the WebSockets of every Durable Object that it serves, in each rollout and each drain of a node.",
  remedy:
    "Leave lifecycle.preStop of the serving container and terminationGracePeriodSeconds to the component: drain.maxSeconds sets both.",
  source: "contract 1.9, 16",
  values: { graceSeconds: GRACE },
  check: (object, report, { graceSeconds }) => {
    if (!isDotdo(object) || object.kind !== "Deployment") return;
    const { spec, path } = podTemplateOf(object)!;
    const grace = spec?.terminationGracePeriodSeconds ?? GRACE;
    if (grace <= graceSeconds) {
      report({ field: `${path}spec.terminationGracePeriodSeconds`, problem: `is ${grace}, and has to be more than ${graceSeconds}` });
    }
    const [serving] = spec?.containers ?? [];
    if (serving?.lifecycle?.preStop !== undefined) return;
    report({ container: serving?.name, field: `${path}spec.containers[0].lifecycle.preStop`, problem: "is missing" });
  },
});

export const dotdoState = objectRule({
  id: "dotdo-state-outside",
  family: "dotdo",
  severity: "high",
  level: "advisory",
  reason: "Any pod serves any object, and each can go: what one keeps to itself is lost with it, and no other sees it.",
  remedy: "Set env.TURSO_URL, or backing.libsql, and take claims and folders of the node out of the pods.",
  source: "seed 000, Stateless pods; contract 1.3",
  check: (object, report) => {
    if (!isDotdo(object)) return;
    if (object.kind === "ConfigMap") {
      const { TURSO_URL: url = "" } = (object.props["data"] ?? {}) as { readonly TURSO_URL?: string };
      if (url === "") report({ field: "data.TURSO_URL", problem: "is missing" });
    }
    if (object.kind !== "Deployment") return;
    const { spec, path } = podTemplateOf(object)!;
    each(spec?.volumes, ({ name = "", persistentVolumeClaim, hostPath }) => {
      if (persistentVolumeClaim !== undefined || hostPath !== undefined)
        report({ field: `${path}spec.volumes`, problem: `has "${name}", which is state of the pod` });
    });
  },
});

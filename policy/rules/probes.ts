import type { types } from "@pulumi/kubernetes";
import type { Container, Partly } from "../object";
import { eachContainer, isLongRunning } from "../pods";
import { each, objectRule } from "../rule";

type Probe = Partly<types.output.core.v1.Probe>;

const PROBES = ["livenessProbe", "readinessProbe", "startupProbe"] as const;
const KINDS = ["httpGet", "tcpSocket", "grpc"] as const;

export const probesSet = objectRule({
  id: "probes-set",
  family: "containers",
  severity: "medium",
  reason:
    "Without readiness a pod gets requests before it can answer them, and a rollout goes on over a version that never does; without liveness one that hangs is never restarted.",
  remedy: "Set readinessProbe and livenessProbe; one that only takes connections is asked by tcpSocket.",
  source: "kube-score pod-probes; kube-linter no-readiness-probe, no-liveness-probe; Polaris readinessProbeMissing; Kyverno require-probes",
  check: (object, report) => {
    if (!isLongRunning(object)) return;
    eachContainer(object, ({ container, role, name, path }) => {
      if (role !== "main") return;
      for (const probe of ["readinessProbe", "livenessProbe"] as const) {
        if (container[probe] === undefined) report({ container: name, field: `${path}${probe}`, problem: "is missing" });
      }
    });
  },
});

/** Number of a port that is named, as far as the container says it. */
const numberOf = (container: Container, port: number | string | undefined) =>
  container.ports?.find(({ name }) => name === port)?.containerPort ?? port;

/** What a probe asks, for comparison; nothing for a connection, which says the same of both. */
function questionOf(container: Container, { httpGet, exec, grpc }: Probe): string | undefined {
  if (httpGet !== undefined) return JSON.stringify([httpGet.path ?? "/", numberOf(container, httpGet.port)]);
  if (grpc !== undefined) return JSON.stringify([grpc.service, grpc.port]);
  return exec && JSON.stringify(exec.command);
}

/** Seconds for which what is asked may fail. The defaults are Kubernetes'. */
const patienceOf = ({ failureThreshold = 3, periodSeconds = 10 }: Probe): number => failureThreshold * periodSeconds;

export const probesDiffer = objectRule({
  id: "probes-differ",
  family: "containers",
  severity: "medium",
  reason: "A pod that is only too busy to answer is killed instead of spared, and its load with it falls on the next.",
  remedy:
    "Ask liveness something cheaper, a connection at least, or let it fail for longer than readiness: by failureThreshold × periodSeconds.",
  source:
    "kube-score pod-probes-identical; Kyverno ensure-probes-different; Kubernetes, Liveness probe: the same endpoint with a higher failureThreshold",
  check: (object, report) =>
    eachContainer(object, ({ container, name, path }) => {
      const { livenessProbe: liveness, readinessProbe: readiness } = container;
      if (liveness === undefined || readiness === undefined) return;
      const question = questionOf(container, liveness);
      if (question === undefined || question !== questionOf(container, readiness) || patienceOf(liveness) > patienceOf(readiness)) return;
      report({ container: name, field: `${path}livenessProbe`, problem: "asks what readinessProbe asks, and gives up no later" });
    }),
});

export const probePort = objectRule({
  id: "probe-port",
  family: "containers",
  severity: "high",
  reason: "A probe of a port that the container does not have never succeeds: the pod gets no request, or is restarted for ever.",
  remedy: "Name a port of the container's ports.",
  source: "kube-linter liveness-port, readiness-port, startup-port; contract 1.4",
  check: (object, report) =>
    eachContainer(object, ({ container, name, path }) =>
      each(PROBES, (probe) => {
        for (const kind of KINDS) {
          const port = container[probe]?.[kind]?.port;
          if (port === undefined || container.ports?.some((own) => own.name === port || own.containerPort === port)) continue;
          report({ container: name, field: `${path}${probe}.${kind}.port`, problem: `is ${port}, which is no port of the container` });
        }
      }),
    ),
});

import type { HttpProbe } from "./options";
import type { EitherProbe } from "./probe-options";

/** The API server keeps no delay of 0, so that a refresh would show it as a change. */
const timingOf = ({ initialDelaySeconds, ...timing }: Omit<HttpProbe, "enabled" | "path">) => ({
  ...(initialDelaySeconds > 0 && { initialDelaySeconds }),
  ...timing,
});

/**
 * An HTTP probe as Kubernetes takes it; nothing where it is switched off.
 *
 * @param host Host header. Without it the kubelet sends the pod's address, which a program may refuse.
 */
export const httpProbeOf = ({ enabled, path, ...timing }: HttpProbe, port: string | number, host?: string) =>
  enabled
    ? { httpGet: { path, port, ...(host !== undefined && { httpHeaders: [{ name: "Host", value: host }] }) }, ...timingOf(timing) }
    : undefined;

/** The same for a program that only takes connections. */
export const tcpProbeOf = ({ enabled, ...timing }: Omit<HttpProbe, "path">, port: string | number) =>
  enabled ? { tcpSocket: { port }, ...timingOf(timing) } : undefined;

export const eitherProbeOf = ({ type, path, ...probe }: EitherProbe, port: string | number, host?: string) =>
  type === "tcp" ? tcpProbeOf(probe, port) : httpProbeOf({ path, ...probe }, port, host);

interface Timing {
  readonly periodSeconds: number;
  readonly timeoutSeconds: number;
  readonly failureThreshold: number;
}

/**
 * One question for all three probes. Startup waits up to 30 periods, so that liveness can be strict; and liveness waits twice as long as
 * readiness, so that a program that is only busy is spared requests, not killed.
 */
export const probesOf = <Question extends object>(question: Question, timing: Timing) => ({
  startupProbe: { ...question, ...timing, failureThreshold: 30 },
  readinessProbe: { ...question, ...timing },
  livenessProbe: { ...question, ...timing, failureThreshold: 2 * timing.failureThreshold },
});

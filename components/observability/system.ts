import type { Panel } from "./dashboard";

/** One alert of a system, as Prometheus takes it. What to do about it stands in the system's runbook, under its name. */
export interface Alert {
  readonly name: string;
  /** PromQL. It finds workloads by their names, in whatever namespace they are. */
  readonly expr: string;
  /** How long it must hold. */
  readonly for: string;
  /** `critical` is for who is woken up: users are not served, or data are at risk. */
  readonly severity: "critical" | "warning";
  readonly summary: string;
  readonly description: string;
}

/** What is watched of one system. */
export interface System {
  readonly name: string;
  /** As people call it. */
  readonly title: string;
  readonly alerts: readonly Alert[];
  /** A series of which each namespace of the system has at least one. */
  readonly foundBy: string;
  readonly panels: readonly Panel[];
}

/** One workload, or several of one system that are watched alike. */
export interface Watched {
  /** Beginning of the alerts' names, as in DotdoUnavailable. */
  readonly prefix: string;
  /** What they are, in the middle of a sentence. */
  readonly what: string;
  /** Their names, which those of their autoscalers are, too. */
  readonly names: readonly string[];
  /** Label matchers that find their containers, without braces. */
  readonly containers: string;
}

/** A label matcher for one of these names. */
export const oneOf = (label: string, names: readonly string[]): string =>
  names.length === 1 ? `${label}="${names[0]}"` : `${label}=~"${names.join("|")}"`;

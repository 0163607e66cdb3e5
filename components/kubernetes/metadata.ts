import type * as pulumi from "@pulumi/pulumi";

/** Name, namespace and labels of one object. */
export interface Metadata {
  readonly name: string;
  readonly namespace: pulumi.Input<string>;
  readonly labels: Record<string, string>;
}

/** Carried by every object that Stackyard makes. */
export const OURS: Record<string, string> = { "app.kubernetes.io/part-of": "stackyard" };

/** Labels that find the pods of one workload. They never change: a workload's selector is immutable. */
export const selectorOf = (app: string, instance: string, component?: string): Record<string, string> => ({
  "app.kubernetes.io/name": app,
  "app.kubernetes.io/instance": instance,
  ...(component !== undefined && { "app.kubernetes.io/component": component }),
});

/** Labels of an object: its selector's, then its owner's, then ours; what finds pods and what makes rules apply cannot be overridden. */
export const labelsOf = (selector: Record<string, string>, further: Record<string, string> = {}): Record<string, string> => ({
  ...further,
  ...selector,
  ...OURS,
});

/** The engine does not wait for what carries it. A cluster-internal Service is not waited for: its workload is. */
export const SKIP_AWAIT = { "pulumi.com/skipAwait": "true" } as const;

import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as z from "zod";
import { checked } from "./arguments";
import type { ChartRefusal, ChartSource } from "./chart-options";

/** What systems share that are deployed by their own Helm chart. */

/** Values of a chart: plain data, of which parts may be known only later. Null takes a default of the chart's away. */
export type ChartValues = Readonly<Record<string, unknown>>;

interface Wanted {
  /** Name of the release; charts name their objects after it. */
  readonly name: string;
  readonly namespace: pulumi.Input<string>;
  readonly values: ChartValues;
}

/** Revisions that Helm keeps, each a Secret with all values. */
const HISTORY = 5;

/** Installed whole or not at all; an upgrade that fails, a hook's included, goes back to the revision before it. */
export const releaseOf = ({ name, namespace, values }: Wanted, { path, repository, oci, ...source }: ChartSource) =>
  ({
    name,
    namespace,
    chart: path ?? oci ?? source.name,
    ...(repository !== undefined && { repositoryOpts: { repo: repository } }),
    ...(source.version !== undefined && { version: source.version }),
    values: values as pulumi.Inputs,
    allowNullValues: true,
    atomic: true,
    cleanupOnFail: true,
    waitForJobs: true,
    maxHistory: HISTORY,
    timeout: source.timeoutSeconds,
  }) satisfies k8s.helm.v3.ReleaseArgs;

/** The fields of a component that others read: those of its chart are the same. */
export type OutputsOf<Component> = Omit<Component, keyof pulumi.ComponentResource>;

/**
 * Where a chart is, checked.
 *
 * @throws pulumi.InputPropertiesError that names all that is wrong with it
 */
export function sourceOf(schema: z.ZodType<ChartSource | undefined>, chart: unknown, what: string): ChartSource {
  return checked(z.object({ chart: schema.pipe(z.custom<ChartSource>((source) => source !== undefined, "is missing")) }), { chart }, what)
    .chart;
}

/**
 * Ends the run where the chart cannot express what is asked for.
 *
 * @param what names the component in the error, such as `DotdoChart "api"`
 * @throws pulumi.InputPropertiesError that holds every refusal, before anything is planned
 */
export function refuseFor(what: string, refusals: readonly ChartRefusal[]): void {
  if (refusals.length === 0) return;
  throw new pulumi.InputPropertiesError({
    message: `${what} was not planned: its chart cannot express ${refusals.length} of its arguments`,
    errors: refusals.map(({ path, message }) => ({ propertyPath: path.join("."), reason: message })),
  });
}

/** An image's tag and digest in the one place that charts have for them. */
export const tagOf = ({ tag, digest }: { readonly tag?: string; readonly digest?: string }): string | undefined =>
  tag === undefined || digest === undefined ? tag : `${tag}@${digest}`;

/** An image as charts write it. */
export const chartImageOf = (image: { repository: string; tag?: string; digest?: string; pullPolicy: string }) => ({
  repository: image.repository,
  tag: tagOf(image),
  pullPolicy: image.pullPolicy,
});

/** Names of Secrets as pods refer to them. */
export const namedSecrets = (names: readonly string[]) => names.map((name) => ({ name }));

interface HttpProbe {
  readonly enabled: boolean;
  readonly path?: string;
  readonly initialDelaySeconds: number;
  readonly periodSeconds: number;
  readonly timeoutSeconds: number;
  readonly failureThreshold: number;
}

/** A probe as charts write it. */
export const chartProbeOf = ({ path, ...probe }: HttpProbe) => ({
  ...probe,
  ...(path !== undefined && { httpGet: { path, port: "http" } }),
});

/** Every one of these annotations gone, whatever the chart sets. */
export const without = (annotations: readonly string[]): Record<string, null> => Object.fromEntries(annotations.map((key) => [key, null]));

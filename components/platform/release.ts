import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { CHARTS, type ChartName } from "./versions";

/** Seconds that a release may take until all its pods are ready: images of several gigabytes are pulled. */
const TIMEOUT = 600;

/** What of a release the platform decides. */
export interface Wanted<Values extends object> {
  /** Name of the release, by which the chart names its objects. */
  readonly name: string;
  readonly namespace: pulumi.Input<string>;
  readonly values: Values;
  /** @default the version that is pinned */
  readonly version?: string;
}

interface Place {
  readonly chart: string;
  readonly version: string;
  readonly repositoryOpts: { readonly repo: string };
}

/**
 * Where a chart comes from.
 *
 * @param mirror repository that has all charts. @default the makers' own
 */
export function placeOf(name: ChartName, version?: string, mirror?: string): Place {
  const { chart, repository, version: pinned } = CHARTS[name];
  const from: string = mirror ?? repository;
  const own = version ?? pinned;
  // an empty repository, and not none: the cert-manager package would put its own in its place
  if (from.startsWith("oci://")) return { chart: `${from}/${chart}`, version: own, repositoryOpts: { repo: "" } };
  return { chart, version: own, repositoryOpts: { repo: from } };
}

/** Arguments of one release. */
export const releaseOf = <Values extends object>(chart: ChartName, { name, namespace, values, version }: Wanted<Values>, mirror?: string) =>
  ({
    ...placeOf(chart, version, mirror),
    name,
    namespace,
    values: values as pulumi.Inputs,
    timeout: TIMEOUT,
  }) satisfies k8s.helm.v3.ReleaseArgs;

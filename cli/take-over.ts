import type { KubernetesObject, KubernetesObjectApi } from "@kubernetes/client-node";
import { setTimeout } from "node:timers/promises";
import { clientOf, find } from "../engine/cluster";
import { FORCE, isOurs, nameOf, OURS, TAKE_OVER } from "../engine/ours";
import { UserError } from "./errors";
import { componentsOf, idOf, RELEASE, releaseOf, type PlannedRelease, type Step } from "./helm-import";
import { notedOf, settle, type HelmRelease } from "./helm-records";
import { sameAgain } from "./passed-on";
import { ask, pulumi, stateOf } from "./pulumi";
import type { Target } from "./target";

/** How an up takes over what the state does not know. */
interface TakeOver {
  /** The target for that one up: the one that was given, where there is nothing to take over. */
  readonly run: Target;
  /** Releases of Helm's, which no up takes over: they are imported once there is all that they depend on. */
  readonly releases: readonly PlannedRelease[];
}

/**
 * Finds out what the next up would create although the cluster has it. Operations of which nobody knows how they ended are settled first, Helm's too:
 * what the state has is read again from the cluster.
 *
 * @throws UserError where one of them does not carry our label: it is somebody else's, and nothing is changed
 */
export async function takeOver(target: Target): Promise<TakeOver> {
  const api = await clientOf(target);
  const { resources = [], pending_operations: pending = [] } = await stateOf(target);
  const { gone } = await settle(target, await notedOf(api, resources.filter(({ type }) => type === RELEASE).map(releaseOf)));
  if (pending.length + gone.length > 0) {
    await pulumi(target, ["refresh", "--yes", "--skip-preview", "--clear-pending-creates", "--suppress-outputs"]);
  }
  // what rules say, and who else has set fields, is for the up itself to tell: here it would end the run without a word of the remedy
  const lenient = unjudged({ ...target, env: { ...target.env, ...FORCE } });
  const { steps = [] } = await ask<{ readonly steps?: readonly Step[] }>(lenient, ["preview", "--json", "--non-interactive"]);
  const created = steps.flatMap(({ op, newState }) => (op === "create" && newState?.type.startsWith("kubernetes:") ? [newState] : []));
  const planned = created.flatMap(({ inputs }) => (inputs?.metadata?.name ? [inputs] : []));
  const present = await Promise.all(planned.map((inputs) => find(api, inputs)));
  const found = present.filter((object) => object !== undefined);

  const charts = created.filter(({ type }) => type === RELEASE);
  const noted = await notedOf(api, charts.map(releaseOf));
  const foreign = [
    ...found.filter((object) => !isOurs(object)),
    ...(await foreignReleases(
      api,
      noted.map(({ release }) => release),
    )),
  ];
  if (foreign.length > 0) {
    throw new UserError(
      `the cluster already has ${foreign.map(nameOf).join(", ")}, without the label ${OURS.join("=")}: that is somebody else's, and nothing of it was changed`,
      ["kubectl get … to see whose it is; remove or rename it, or give the stack another namespace"],
    );
  }
  const { installed } = await settle(target, noted);
  const releases = charts
    .filter((chart) => installed.some((release) => idOf(release) === idOf(releaseOf(chart))))
    .map((chart) => ({ ...chart, within: componentsOf(chart, steps) }));
  const names = [...found.map(nameOf), ...releases.map((release) => `Release ${idOf(releaseOf(release))}`)];
  if (names.length === 0) return { run: target, releases };
  console.error(`  Taking over ${names.length} objects of this stack that its state does not know: ${names.join(", ")}`);
  const jobs = planned.filter(({ kind }, i) => kind === "Job" && present[i] !== undefined);
  await Promise.all(jobs.map((job) => removeUnchangeable(api, job)));
  return { run: { ...target, env: { ...target.env, ...TAKE_OVER } }, releases };
}

/** The target without the policy pack. */
export function unjudged(target: Target): Target {
  const env: Record<string, string> = { ...target.env };
  delete env["PULUMI_OPTION_POLICY_PACK"];
  return { ...target, env };
}

/** Releases in namespaces that are not ours: nothing of a release itself says whose it is. */
async function foreignReleases(api: KubernetesObjectApi, releases: readonly HelmRelease[]): Promise<KubernetesObject[]> {
  const namespaces = await Promise.all(
    releases.map(({ namespace: name }) => find(api, { apiVersion: "v1", kind: "Namespace", metadata: { name } })),
  );
  return releases.flatMap((release, i) => {
    const namespace = namespaces[i];
    return namespace === undefined || isOurs(namespace) ? [] : [{ kind: "Release", metadata: { ...release } }];
  });
}

/** Milliseconds that the pods of a Job have to end: twice the default of `terminationGracePeriodSeconds`. */
const GONE_MS = 60_000;

/**
 * Removes a Job that the API server refuses to change to what is planned, such as to the new name of a Secret: no pod template of a Job may change.
 * Pulumi does the same with a Job that it knows, before it makes it anew.
 *
 * @throws UserError where its pods do not end
 */
async function removeUnchangeable(api: KubernetesObjectApi, job: KubernetesObject): Promise<void> {
  const { ApiException, PatchStrategy } = await import("@kubernetes/client-node");
  try {
    await api.patch(job, undefined, "All", "stackyard", true, PatchStrategy.ServerSideApply);
  } catch (error) {
    if (!(error instanceof ApiException && error.code === 422)) throw error;
    await api.delete(job, undefined, undefined, undefined, undefined, "Foreground");
    const late = Date.now() + GONE_MS;
    while ((await find(api, job)) !== undefined) {
      if (Date.now() > late) {
        const { name = "", namespace = "" } = job.metadata ?? {};
        throw new UserError(`${nameOf(job)} cannot be changed, and is not gone ${GONE_MS / 1000} s after it was deleted`, [
          `kubectl get pods --namespace ${namespace} --selector job-name=${name}   # who does not end`,
          sameAgain(),
        ]);
      }
      await setTimeout(100);
    }
    console.error(`  Removed ${nameOf(job)}, which cannot be changed, and is made anew.`);
  }
}

/**
 * Removes what a run that was cut off made under a generated name and did not record: ConfigMaps and Secrets of ours, in namespaces
 * that the stack manages, which the state does not know. The run after it has made new ones.
 */
export async function sweep(target: Target): Promise<void> {
  const api = await clientOf(target);
  const { resources = [] } = await stateOf(target);
  const known = new Set(resources.map(({ id }) => id));
  for (const { id: namespace } of resources.filter(({ type }) => type === "kubernetes:core/v1:Namespace")) {
    for (const kind of ["ConfigMap", "Secret"]) {
      const { items } = await api.list("v1", kind, namespace, undefined, undefined, undefined, undefined, OURS.join("="));
      for (const { metadata } of items) {
        if (metadata?.annotations?.["pulumi.com/autonamed"] !== "true" || known.has(`${namespace}/${metadata.name}`)) continue;
        await api.delete({ apiVersion: "v1", kind, metadata: { name: metadata.name ?? "", namespace } });
        console.error(`  Removed ${kind} ${namespace}/${metadata.name}, which the run that was cut off had left behind.`);
      }
    }
  }
}

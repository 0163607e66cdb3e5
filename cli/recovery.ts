import type { KubernetesObject, KubernetesObjectApi } from "@kubernetes/client-node";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { clientOf, find } from "../engine/cluster";
import { FORCE, isOurs, nameOf, OURS, TAKE_OVER } from "../engine/ours";
import { isAlive } from "../engine/processes";
import { UserError } from "./errors";
import { sameAgain } from "./passed-on";
import { ask, pulumi, stateOf, type ResourceState } from "./pulumi";
import { endSurvivors, runId } from "../engine/survivors";
import type { Target } from "./target";

/**
 * Whether the cluster may hold objects that the stack's state does not know: a run that was cut off leaves such, and so does a
 * destroy that keeps what holds data. Kept as a file beside the state, because a run that is killed can say nothing.
 */
export function unrecorded({ sandbox, stack }: Target) {
  const mark = join(sandbox?.dir ?? "", `${stack}.unrecorded`);
  return {
    possible: () => sandbox !== undefined && existsSync(mark),
    /** Id of the run that may have left some. */
    by: () => (sandbox && existsSync(mark) ? readFileSync(mark, "utf8") : ""),
    begin: () => sandbox && writeFileSync(mark, runId),
    end: () => sandbox && rmSync(mark, { force: true }),
  };
}

interface Lock {
  readonly pid: number;
  readonly hostname: string;
  readonly timestamp: string;
}

/** Frees a stack of the sandbox whose last run was killed, once its holder is proven dead. */
export async function releaseDeadLock(target: Target): Promise<void> {
  if (!target.sandbox) return;
  const folder = join(target.sandbox.dir, "state", ".pulumi", "locks", "organization", "stackyard", target.stack);
  if (!existsSync(folder)) return;
  for (const file of readdirSync(folder).filter((file) => file.endsWith(".json"))) {
    const lock = JSON.parse(readFileSync(join(folder, file), "utf8")) as Lock;
    if (lock.hostname !== hostname() || isAlive(lock.pid)) {
      throw new UserError(`stack "${target.stack}" is being changed by process ${lock.pid} on ${lock.hostname} since ${lock.timestamp}`, [
        "wait for it, then run the same command again",
      ]);
    }
    console.error(`  The last run of stack "${target.stack}" (process ${lock.pid}) was killed: its lock is released.`);
    endSurvivors(unrecorded(target).by());
    await pulumi(target, ["cancel", "--yes"]);
    return;
  }
}

interface Preview {
  readonly steps?: readonly { readonly op: string; readonly newState?: ResourceState }[];
}

/**
 * Takes over the objects that the next up would create although the cluster has them, and returns the target for that one up.
 * Operations of which nobody knows how they ended are settled first: what the state has is read again from the cluster.
 *
 * @throws UserError where one of them does not carry our label: it is somebody else's, and nothing is changed
 */
export async function takeOver(target: Target): Promise<Target> {
  const { pending_operations: pending = [] } = await stateOf(target);
  if (pending.length > 0) await pulumi(target, ["refresh", "--yes", "--skip-preview", "--clear-pending-creates", "--suppress-outputs"]);
  const api = await clientOf(target);
  // what rules say, and who else has set fields, is for the up itself to tell: here it would end the run without a word of the remedy
  const env: Record<string, string> = { ...target.env, ...FORCE };
  delete env["PULUMI_OPTION_POLICY_PACK"];
  const { steps = [] } = await ask<Preview>({ ...target, env }, ["preview", "--json", "--non-interactive"]);
  const planned = steps.flatMap(({ op, newState: { type = "", inputs } = {} }) =>
    op === "create" && type.startsWith("kubernetes:") && inputs?.metadata?.name ? [inputs] : [],
  );
  const present = await Promise.all(planned.map((inputs) => find(api, inputs)));
  const found = present.filter((object) => object !== undefined);

  const foreign = found.filter((object) => !isOurs(object));
  if (foreign.length > 0) {
    throw new UserError(
      `the cluster already has ${foreign.map(nameOf).join(", ")}, without the label ${OURS.join("=")}: that is somebody else's, and nothing was changed`,
      ["kubectl get … to see whose it is; remove or rename it, or give the stack another namespace"],
    );
  }
  if (found.length === 0) return target;
  console.error(`  Taking over ${found.length} objects of this stack that its state does not know: ${found.map(nameOf).join(", ")}`);
  const jobs = planned.filter(({ kind }, i) => kind === "Job" && present[i] !== undefined);
  await Promise.all(jobs.map((job) => removeUnchangeable(api, job)));
  return { ...target, env: { ...target.env, ...TAKE_OVER } };
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

import { execa } from "execa";
import { strict as assert } from "node:assert";
import { setTimeout } from "node:timers/promises";
import { kindsOf } from "./objects";

/** Milliseconds that objects may take to settle or to go. */
const PATIENCE = 900_000;

interface Live {
  readonly kind: string;
  readonly metadata: { readonly uid: string; readonly name: string; readonly namespace?: string };
  readonly spec?: { readonly replicas?: number; readonly minReplicas?: number; readonly scaleTargetRef?: { readonly name: string } };
  readonly status?: { readonly readyReplicas?: number; readonly phase?: string };
}

export interface Snapshot {
  /** How many there are of each kind. */
  readonly kinds: Readonly<Record<string, number>>;
  readonly uids: readonly string[];
  /** Names of those that are not ready. */
  readonly unready: readonly string[];
  /** Whether autoscalers have their least replicas. */
  readonly settled: boolean;
}

/** Objects of ours that the cluster has now, whoever brought them up. */
export async function snapshot(kinds: readonly string[], env: Readonly<Record<string, string>>): Promise<Snapshot> {
  const which = ["get", kinds.join(","), "--all-namespaces", "--selector", "app.kubernetes.io/part-of=stackyard", "--output", "json"];
  const { items } = JSON.parse((await execa("kubectl", which, { env })).stdout) as { items: Live[] };
  const unready = ({ kind, status }: Live) =>
    kind === "PersistentVolumeClaim" ? status?.phase !== "Bound" : /^(Deployment|StatefulSet)$/.test(kind) && !status?.readyReplicas;
  const ready = ({ kind, metadata }: Live, scaler: Live) =>
    kind === "Deployment" && metadata.namespace === scaler.metadata.namespace && metadata.name === scaler.spec?.scaleTargetRef?.name;
  return {
    kinds: kindsOf(items),
    uids: items.map(({ metadata }) => metadata.uid).sort(),
    unready: items.filter(unready).map(({ kind, metadata }) => `${kind} ${metadata.name}`),
    settled: items
      .filter(({ kind }) => kind === "HorizontalPodAutoscaler")
      .every((scaler) => (items.find((one) => ready(one, scaler))?.status?.readyReplicas ?? 0) >= (scaler.spec?.minReplicas ?? 1)),
  };
}

/** @throws AssertionError where the cluster has other kinds than are wanted, or one that is not ready: what was measured was less than all */
export function assertUp({ kinds, unready }: Snapshot, wanted: Readonly<Record<string, number>>): void {
  assert.deepEqual(kinds, wanted, "the cluster has other objects than those that were to be brought up");
  assert.deepEqual(unready, [], "what was measured had not waited for these");
}

/** Deletes objects of ours and waits until they, their namespaces, and the volumes of their claims are gone. */
export async function clear(kinds: readonly string[], env: Readonly<Record<string, string>>): Promise<void> {
  const which = [kinds.join(","), "--all-namespaces", "--selector", "app.kubernetes.io/part-of=stackyard"];
  await execa("kubectl", ["delete", ...which, "--ignore-not-found", "--wait", "--timeout", `${PATIENCE}ms`], { env });
  await until("volumes are gone", async () => (await execa("kubectl", ["get", "pv", "--output", "name"], { env })).stdout === "");
}

export async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`waited ${PATIENCE / 1000} s in vain until ${what}`);
    await setTimeout(200);
  }
}

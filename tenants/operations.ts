import type { Database, Queries } from "./registry/database";
import { MACHINES } from "./machines";
import { StepFailure, type Done, type StepContext } from "./machines/step";
import { reasonOf } from "./errors";
import { audit, unfinishedOf, type Operation, type Tenant } from "./registry/rows";
import type { Wanted } from "./registry/tables";

/** Where an operation is when somebody looks: for progress, and for tests that end the worker there. */
export interface Moment {
  readonly operation: Operation;
  readonly step: string;
  /** Before its effect, after the effect and before the registry knows, after that. */
  readonly at: "before" | "between" | "after";
}
export type OnMoment = (moment: Moment) => void;

type Context = Omit<StepContext, "operation" | "tenant" | "db"> & { readonly db: Database; readonly onMoment: OnMoment };

/**
 * Makes the oldest unfinished operation of a tenant the one that runs, unless one does.
 *
 * @returns the operation that runs
 */
export async function startNext(db: Database, tenant: string): Promise<Operation | undefined> {
  const [first] = await unfinishedOf(db, tenant);
  if (first === undefined || first.state === "running") return first;
  const step = MACHINES[first.kind][0]?.name ?? null;
  await db
    .updateTable("operations")
    .set({ state: "running", step, step_at: new Date(), waiting: null })
    .where("id", "=", first.id)
    .where("state", "=", "queued")
    .execute();
  return db.selectFrom("operations").selectAll().where("id", "=", first.id).executeTakeFirst();
}

/**
 * Runs the step that an operation is at.
 *
 * @returns whether the operation went on: to its next step, or to its end
 */
export async function runStep(operation: Operation, tenant: Tenant, context: Context): Promise<boolean> {
  const { db, onMoment } = context;
  const steps = MACHINES[operation.kind];
  const index = steps.findIndex(({ name }) => name === operation.step);
  const step = steps[index];
  if (step === undefined) {
    await end(db, operation, tenant, "failed", `this version has no step "${operation.step}"`);
    return true;
  }
  const moment = (at: Moment["at"]) => onMoment({ operation, step: step.name, at });
  try {
    moment("before");
    const outcome = await step.run({ ...context, operation, tenant });
    if ("waiting" in outcome) {
      if (outcome.waiting !== operation.waiting || operation.error !== null) {
        await db.updateTable("operations").set({ waiting: outcome.waiting, error: null }).where("id", "=", operation.id).execute();
      }
      return false;
    }
    moment("between");
    await goOn(db, operation, tenant, outcome, steps[index + 1]?.name);
    moment("after");
    return true;
  } catch (error) {
    if (error instanceof StepFailure) {
      await end(db, operation, tenant, "failed", error.message, error.back);
      return true;
    }
    const attempts = operation.attempts + 1;
    const tried = { error: reasonOf(error), attempts };
    await db.updateTable("operations").set(tried).where("id", "=", operation.id).execute();
    return false;
  }
}

/** Ends a step: what it changes, and where the operation goes, are one transaction. */
async function goOn(db: Database, operation: Operation, tenant: Tenant, { wanted, also }: Done, next: string | undefined): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const generation = wanted === undefined ? undefined : await wish(trx, tenant.id, wanted);
    await also?.(trx);
    const { numUpdatedRows } = await trx
      .updateTable("operations")
      .set({
        step: next ?? null,
        step_at: new Date(),
        waiting: null,
        error: null,
        ...(generation !== undefined && { generation }),
        ...(next === undefined && { state: "succeeded", finished_at: new Date() }),
      })
      .where("id", "=", operation.id)
      .where("step", "=", operation.step)
      .where("state", "=", "running")
      .executeTakeFirst();
    if (numUpdatedRows !== 1n) throw new Error("the operation was ended meanwhile");
    if (next === undefined) await report(trx, operation, tenant, "succeeded");
  });
}

/** Changes what a tenant is to be, which makes a new generation of it. */
async function wish(db: Queries, tenant: string, change: Partial<Wanted>): Promise<number> {
  const row = await db
    .selectFrom("tenants")
    .select(["wanted", "generation"])
    .where("id", "=", tenant)
    .forUpdate()
    .executeTakeFirstOrThrow();
  const generation = row.generation + 1;
  const wanted = JSON.stringify({ ...row.wanted, ...change });
  await db.updateTable("tenants").set({ wanted, generation, failure: null }).where("id", "=", tenant).execute();
  return generation;
}

/** Ends an operation before its last step, and takes back what it wished where that is given. */
export async function end(
  db: Database,
  operation: Operation,
  tenant: Tenant,
  state: "failed" | "cancelled",
  error?: string,
  back?: Wanted,
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    if (back !== undefined) await wish(trx, tenant.id, back);
    await trx
      .updateTable("operations")
      .set({ state, error: error ?? null, waiting: null, finished_at: new Date() })
      .where("id", "=", operation.id)
      .execute();
    await report(trx, operation, tenant, state, error);
  });
}

const report = (
  db: Queries,
  { kind, id, caller }: Operation,
  { user_id, id: tenant }: Tenant,
  outcome: "succeeded" | "failed" | "cancelled",
  details?: string,
) => audit(db, { caller, action: kind, user: user_id, tenant, operation: id, outcome, details });

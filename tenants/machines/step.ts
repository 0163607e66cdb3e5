import type { Queries } from "../registry/database";
import type { Operation, Tenant } from "../registry/rows";
import type { Seen, Wanted } from "../registry/tables";
import type { Keyring } from "../keyring";
import type { ServiceSettings } from "../options";
import type { TenantCluster } from "../cluster";

/** What a step may ask and change. */
export interface StepContext {
  readonly operation: Operation;
  readonly tenant: Tenant;
  readonly db: Queries;
  readonly keyring: Keyring;
  readonly cluster: TenantCluster;
  readonly service: ServiceSettings;
  /** Environment whose service it is. */
  readonly environment: string;
  /** How the cluster had the tenant after the step began; nothing before it was looked at. */
  readonly seen?: Seen;
}

/** The step is not over: what it waits for. It is run again until it is. */
export interface Waiting {
  readonly waiting: string;
}

/** The step is over: what is written in the one transaction that goes on to the next. */
export interface Done {
  /** Changes of what the tenant is to be; they make a new generation, which the operation then waits for. */
  readonly wanted?: Partial<Wanted>;
  readonly also?: (db: Queries) => Promise<unknown>;
}

/**
 * A step of an operation. It may be run again after any moment at which its worker was killed, so what it does to the cluster it does in a way
 * that is the same done twice, and what it does to the registry it leaves to the transaction that ends it.
 *
 * @throws StepFailure where the operation can never succeed; any other error is tried again later
 */
export interface Step {
  readonly name: string;
  readonly run: (context: StepContext) => Promise<Waiting | Done>;
}

export class StepFailure extends Error {
  /** @param back what the tenant is to be again, now that it does not get what the operation wished */
  constructor(
    message: string,
    readonly back?: Wanted,
  ) {
    super(message);
  }
}

export const done: Done = {};
export const waiting = (what: string): Waiting => ({ waiting: what });

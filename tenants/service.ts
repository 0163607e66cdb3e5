import type { z } from "zod";
import type {
  AdoptRequest,
  BackupView,
  DeleteRequest,
  ListRequest,
  OperationView,
  ProvisionRequest,
  ResizeRequest,
  RestoreRequest,
  RotateKeyRequest,
  TenantView,
} from "./schemas";

/** Who asks. */
export interface Caller {
  /** Name in the audit: `operator`, a token's, a user's of this machine. */
  readonly name: string;
  /** The one tenant that the caller may see; not one that had, or will have, the same user. All others are "not-found" to it. Left out: every tenant. */
  readonly tenant?: { readonly id: string; readonly user: string };
  /** A request that comes again with the same key of the same caller is answered with the first one's operation. */
  readonly idempotencyKey?: string;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  /** `after` of the next page; nothing on the last one. */
  readonly next?: string;
}

/** How the service is, for health checks and metrics. */
export interface Overview {
  /** Tenants by state. */
  readonly tenants: Readonly<Record<string, number>>;
  /** Operations by `<kind> <state>`. */
  readonly operations: Readonly<Record<string, number>>;
  /** Seconds that the oldest unfinished operation has waited; a deletion in its grace days is not waiting. */
  readonly oldestSeconds: number;
  /** Shards that a worker holds now. */
  readonly busyShards: number;
}

type Body<Schema extends z.ZodType> = z.input<Schema>;

/**
 * FluxionDB as a service. Every method checks what it is given by the schemas of `schemas.ts`, writes rows of the registry, and returns: workers
 * (`worker.ts`) do the rest. No answer and no error has a key in it.
 *
 * Each change returns the operation that it became. The same request while that operation is unfinished is the same operation.
 *
 * @throws TenantError (`errors.ts`), before anything is written
 */
export interface TenantService {
  provision(request: Body<typeof ProvisionRequest>, caller: Caller): Promise<OperationView>;
  adopt(request: Body<typeof AdoptRequest>, caller: Caller): Promise<OperationView>;
  /** Refused where it is less than now. */
  resize(user: string, request: Body<typeof ResizeRequest>, caller: Caller): Promise<OperationView>;
  rotateKey(user: string, request: Body<typeof RotateKeyRequest>, caller: Caller): Promise<OperationView>;
  suspend(user: string, caller: Caller): Promise<OperationView>;
  /** Takes back a deletion, too, while its grace days last. */
  resume(user: string, caller: Caller): Promise<OperationView>;
  backup(user: string, caller: Caller): Promise<OperationView>;
  restore(user: string, request: Body<typeof RestoreRequest>, caller: Caller): Promise<OperationView>;
  delete(user: string, request: Body<typeof DeleteRequest>, caller: Caller): Promise<OperationView>;

  list(request: Body<typeof ListRequest>, caller: Caller): Promise<Page<TenantView>>;
  show(user: string, caller: Caller): Promise<TenantView>;
  backups(user: string, caller: Caller): Promise<BackupView[]>;
  /** Unfinished operations of a tenant and the last finished ones, newest first; at most 50. */
  operations(user: string, caller: Caller): Promise<OperationView[]>;
  operation(id: string, caller: Caller): Promise<OperationView>;
  /** An operation each time that it has changed, until it is final or the signal is aborted. */
  follow(id: string, caller: Caller, signal?: AbortSignal): AsyncIterable<OperationView>;

  /** Writes down that a caller was refused, such as for another tenant's data. `what` has no secret in it. */
  refused(caller: Caller, what: string, user?: string): Promise<void>;
  overview(): Promise<Overview>;
}

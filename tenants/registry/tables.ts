import type { ColumnType, Generated, GeneratedAlways } from "kysely";
import type { OPERATION_STATES, OperationKind } from "../schemas";
import type { TokensTable } from "./tokens";

/** Tables of the registry (`migrations.ts`), as they are read and written. */

/** What a tenant is to be. Its key is in `keys`, sealed. */
export interface Wanted {
  /** Whether it is in its shard at all; a tenant whose data are purged is not. */
  readonly present: boolean;
  readonly ram: string;
  readonly suspended: boolean;
  /** Tag of the image. */
  readonly image: string;
  /** Version of the key in `keys`. */
  readonly key: number;
  /** Name of its claim, and the VolumeSnapshot that it was made from. */
  readonly claim: { readonly name: string; readonly snapshot?: string };
  /** Claims that were replaced by a restore and are still there: the quota has room for them. */
  readonly oldClaims: readonly string[];
  /** Whether what was kept in the cluster of a user of this name is this tenant's. */
  readonly adopted: boolean;
}

/** How the cluster had it when it was looked at last. */
export interface Seen {
  readonly phase: "ready" | "starting" | "stopped" | "stopping" | "failing" | "missing";
  readonly reason?: string;
  /** Name of the Secret that its pod runs with. */
  readonly secret?: string;
  /** Size that its volume has. */
  readonly storage?: string;
}

type Json<Value> = ColumnType<Value, string, string>;
type NullableJson<Value> = ColumnType<Value | null, string | null | undefined, string | null>;
type Moment = ColumnType<Date, Date | undefined, Date>;
type NullableMoment = ColumnType<Date | null, Date | null | undefined, Date | null>;
type Fixed<Value> = ColumnType<Value, Value, never>;

export interface Tables {
  tokens: TokensTable;
  tenants: {
    id: Fixed<string>;
    user_id: Fixed<string>;
    shard: number;
    wanted: Json<Wanted>;
    generation: Generated<number>;
    /** What the cluster was given last, and its generation; nothing before the first up. */
    reached: NullableJson<Wanted>;
    reached_generation: Generated<number>;
    /** The generation whose up failed, and why; it is not tried again before something is wished. */
    failed_generation: number | null;
    failure: string | null;
    seen: NullableJson<Seen>;
    seen_at: NullableMoment;
    purge_at: NullableMoment;
    created_at: Moment;
    purged_at: NullableMoment;
  };
  operations: {
    id: Fixed<string>;
    /** In the order in which they were asked for. */
    number: GeneratedAlways<number>;
    tenant_id: Fixed<string>;
    kind: Fixed<OperationKind>;
    /** Without any secret. */
    input: Json<Readonly<Record<string, unknown>>>;
    state: (typeof OPERATION_STATES)[number];
    /** The step that it is at; nothing before the first and after the last one. */
    step: string | null;
    /** When it came to its step. */
    step_at: NullableMoment;
    /** Generation of the tenant that it has wished for. */
    generation: number | null;
    waiting: string | null;
    error: string | null;
    attempts: Generated<number>;
    backup_id: string | null;
    caller: Fixed<string>;
    created_at: Moment;
    finished_at: NullableMoment;
  };
  backups: {
    id: Fixed<string>;
    tenant_id: Fixed<string>;
    kind: Fixed<"asked" | "final">;
    state: "making" | "ready" | "failed";
    ram: Fixed<string>;
    snapshot: Fixed<string>;
    created_at: Moment;
  };
  /** Sealed: `keyring.ts`. */
  keys: {
    tenant_id: Fixed<string>;
    version: Fixed<number>;
    sealed: string;
    created_at: Moment;
  };
  idempotency: {
    caller: Fixed<string>;
    key: Fixed<string>;
    /** Of the request, keyed: what it says cannot be guessed from it. */
    fingerprint: Fixed<string>;
    operation_id: Fixed<string>;
    created_at: Moment;
  };
  /** Append-only: the database itself refuses all else. */
  audit: {
    number: GeneratedAlways<number>;
    at: Fixed<Date>;
    caller: Fixed<string>;
    action: Fixed<string>;
    user_id: Fixed<string | null>;
    tenant_id: Fixed<string | null>;
    operation_id: Fixed<string | null>;
    outcome: Fixed<"accepted" | "refused" | "succeeded" | "failed" | "cancelled">;
    details: Fixed<string | null>;
  };
  /** One row: the cluster that the registry is about. */
  binding: {
    cluster: Fixed<string>;
    environment: Fixed<string>;
  };
  shards: {
    id: Fixed<number>;
    /** The run that works on it, if one does: what tells its process from all others. */
    run: string | null;
    host: string | null;
    pid: number | null;
    /** When that process was started, since which boot. */
    process: string | null;
    since: NullableMoment;
    /** Whether an up was begun that has not said how it ended: the cluster may have what the state does not know. */
    unrecorded: Generated<boolean>;
    /** What is wrong with the shard as a whole. */
    failure: string | null;
    failures: Generated<number>;
    retry_at: NullableMoment;
  };
}

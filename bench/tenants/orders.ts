import type { Target } from "../../cli/target";

/** What the service is to do in a measurement; `service.ts` reads it from a file. */
export interface Orders {
  readonly target: Target;
  /** Ups at once. */
  readonly workers: number;
  /** Tenants of a shard. @default the service's */
  readonly shardSize?: number;
  /** Tenants that are asked for all at once. */
  readonly bulk: readonly string[];
  /** Tenants that are asked for one after another then, each when the one before is ready. */
  readonly alone: readonly string[];
  /** Tenants that get more RAM then, one after another. */
  readonly changes: readonly string[];
  /** File for what was measured. */
  readonly answer: string;
}

/** From when to when, in milliseconds since 1970. */
export type Spans = readonly (readonly [number, number])[];

/** How long each tenant, or change of one, took from its request until it was ready. */
export interface Times {
  readonly bulk: Spans;
  readonly alone: Spans;
  readonly changes: Spans;
}

/** Users of a measurement. */
export const users = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${prefix}-${String(i).padStart(4, "0")}`);

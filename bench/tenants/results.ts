import type { Machine } from "../machine";
import { spread, type Spread } from "../results";
import type { Memory } from "../processes";
import type { Spans } from "./orders";
import type { Run } from "./ours";

/** One way to make tenants, and what it took. */
export interface Shown {
  /** Seconds from the first request until all were ready. */
  readonly total: number;
  /** Seconds from the request of a tenant until it was ready, while all were asked for at once. */
  readonly p50: number;
  readonly p99: number;
  /** Seconds for one tenant, asked for when nothing else was done. */
  readonly alone?: Spread;
  /** Seconds for one change of a tenant, likewise. */
  readonly change?: Spread;
  /** Highest sum of memory at one moment, in MB: of `all` processes, and of each group of them. */
  readonly memory: Readonly<Record<string, Memory>>;
  /** Seconds of CPU of all processes, in all. */
  readonly cpu: number;
}

export interface SizeResults extends Shown {
  readonly shardSize: number;
}

export interface TenantResults {
  readonly date: string;
  readonly machine: Machine;
  /** Ups, or installations, at once. */
  readonly workers: number;
  readonly tenants: number;
  /** Tenants of a shard in `ours`. */
  readonly shardSize: number;
  /** Tenants of each row of `sizes`. */
  readonly each: number;
  /** Objects of one tenant, by kind. */
  readonly objects: Readonly<Record<string, number>>;
  readonly ours: Shown;
  readonly helm: Shown;
  readonly sizes: readonly SizeResults[];
}

const seconds = (spans: Spans): number[] => spans.map(([from, to]) => Math.round(to - from) / 1000);

/**
 * The value that so many of a hundred are not above: the nearest rank.
 *
 * @throws RangeError where there is no value
 */
export function percentile(values: readonly number[], of100: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  const value = sorted[Math.max(0, Math.ceil((of100 / 100) * sorted.length) - 1)];
  if (value === undefined) throw new RangeError("no value has no percentile");
  return value;
}

export function shown({ bulk, alone, changes, measured: { memory, cpu } }: Run): Shown {
  const each = seconds(bulk);
  return {
    total: (Math.max(...bulk.map(([, to]) => to)) - Math.min(...bulk.map(([from]) => from))) / 1000,
    p50: percentile(each, 50),
    p99: percentile(each, 99),
    ...(alone.length > 0 && { alone: spread(seconds(alone)) }),
    ...(changes.length > 0 && { change: spread(seconds(changes)) }),
    memory,
    cpu,
  };
}

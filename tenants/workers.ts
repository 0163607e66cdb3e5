import { availableParallelism, freemem } from "node:os";

/** Megabytes that one up takes at its most, engine, plugin and policy pack together (docs/benchmarks.md: what an up of `dev` takes). */
const UP_MB = 450;
/** What is left to everything else. */
const SHARE = 0.5;

/**
 * Ups that this machine runs at once: as many as it has processors, and as half of its free memory has room for.
 *
 * @returns at least one
 */
export const workersFor = (processors = availableParallelism(), free = freemem()): number =>
  Math.max(1, Math.min(processors, Math.floor((free * SHARE) / (UP_MB * 1e6))));

import { shown as asText, table } from "../tables";
import type { Spread } from "../results";
import type { Shown, TenantResults } from "./results";

export const COMMAND = "npm run bench -- tenants";
/** Seconds that one tenant may take. */
const ALONE = 6;
/** How many times the memory for few tenants that for many may be, and be bounded. */
const BOUND = 1.5;

const seconds = (value: number | Spread | undefined) =>
  value === undefined ? "" : asText(typeof value === "number" ? { median: value, min: value, max: value } : value, "s");
const megabytes = ({ memory }: Shown, group = "all") => `${memory[group]?.pss ?? 0} MB`;

const machineOf = ({ date, machine, workers, objects }: TenantResults) => {
  const count = Object.values(objects).reduce((sum, many) => sum + many, 0);
  return `A tenant is ${count} objects; ${workers} at once; ${date}. ${machine.cpus} × ${machine.cpu}, ${machine.memory}, load ${machine.load} at the start.`;
};

/** Ours beside helm. */
function summary(results: TenantResults): string {
  const { ours, helm, tenants, shardSize, each, sizes } = results;
  const rows = [
    [`the service, in shards of ${shardSize}`, ours],
    ["`helm install --wait`", helm],
  ] as const;
  const most = Math.max(...sizes.map(({ memory }) => memory.all?.pss ?? NaN));
  const times = ours.total / helm.total;
  const growth = (ours.memory.all?.pss ?? NaN) / most;
  const verdict = (met: boolean) => (met ? "met" : "**missed**");
  return [
    machineOf(results),
    table(
      ["", `${tenants} tenants`, "p50", "p99", "one alone", "one change alone", "peak memory (PSS)", "CPU"],
      rows.map(([title, one]) => [
        title,
        ...[one.total, one.p50, one.p99, one.alone, one.change].map(seconds),
        megabytes(one),
        seconds(one.cpu),
      ]),
    ),
    table(
      ["Aim", "", "measured"],
      [
        [`${tenants} tenants not slower than by helm`, verdict(times <= 1), `${times.toFixed(2)}×`],
        [`one tenant within ${ALONE} s`, verdict((ours.alone?.median ?? Infinity) <= ALONE), seconds(ours.alone)],
        [
          `memory for ${tenants} tenants at most ${BOUND} × that for ${each}`,
          verdict(growth <= BOUND),
          `${megabytes(ours)}, ${growth.toFixed(2)}×`,
        ],
      ],
      2,
    ),
    table(
      ["Peak memory (PSS) of", `${tenants} tenants`, ...sizes.map(({ shardSize }) => `${each} in shards of ${shardSize}`)],
      Object.keys(ours.memory)
        .filter((group) => (ours.memory[group]?.pss ?? 0) > 0)
        .map((group) => [group, megabytes(ours, group), ...sizes.map((size) => megabytes(size, group))]),
    ),
  ].join("\n\n");
}

/** What each size of a shard costs. */
const ofShards = (results: TenantResults): string =>
  [
    `${results.each} tenants. ${machineOf(results)}`,
    table(
      ["Tenants of a shard", "all, asked for at once", "p50", "p99", "one change alone", "peak memory (PSS)", "CPU"],
      results.sizes.map((one) => [
        `${one.shardSize}`,
        ...[one.total, one.p50, one.p99, one.change].map(seconds),
        megabytes(one),
        seconds(one.cpu),
      ]),
    ),
  ].join("\n\n");

/** Which files quote the measurements, and what each says of them. */
export const QUOTES: Readonly<Record<string, (results: TenantResults) => string>> = {
  "docs/benchmarks.md": summary,
  "docs/tenants.md": ofShards,
};

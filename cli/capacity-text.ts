import type { Capacity, Taken } from "../capacity";
import type { Bill } from "../capacity/cost";
import { table } from "./table";

const GiB = 2 ** 30;
const decimals = (value: number, digits: number): string => `${Number(value.toFixed(digits))}`;
const cores = (millicores: number): string => decimals(millicores / 1000, 2);
const gibibytes = (bytes: number): string => decimals(bytes / GiB, 2);

/**
 * A capacity as people read it.
 *
 * @param standIns whether charts were the sandbox's
 */
export function capacityText(stacks: readonly string[], capacity: Capacity, standIns: boolean): string {
  const { node, minimum, maximum, storage, daemons } = capacity;
  const row = ({ pods, requests, limits }: Taken["total"]) => [
    `${pods}`,
    cores(requests.cpu),
    gibibytes(requests.memory),
    cores(limits.cpu),
    gibibytes(limits.memory),
  ];
  const partsAt = (scale: string, { parts, total }: Taken) => [
    ...parts.map(({ namespace, ...part }) => [scale, namespace, ...row(part)]),
    [scale, "all", ...row(total)],
  ];
  return [
    `${stacks.length === 1 ? "Stack" : "Stacks"} ${stacks.join(", ")} on nodes of ${node.plan}: ${cores(node.cpu)} CPU, ${gibibytes(node.memory)} GiB, ${node.pods} pods each; zones: ${node.zones}`,
    "",
    table(
      ["scale", "namespace", "pods", "CPU requests", "GiB requests", "CPU limits", "GiB limits"],
      [...partsAt("minimum", minimum), ...partsAt("maximum", maximum), ...(daemons.pods > 0 ? [["each node", "", ...row(daemons)]] : [])],
    ),
    "",
    table(
      ["storage class", "volumes", "GiB"],
      storage.map(({ storageClass, volumes, bytes }) => [storageClass ?? "(default)", `${volumes}`, gibibytes(bytes)]),
    ),
    "",
    ...takenText("minimum", minimum),
    "",
    ...takenText("maximum", maximum),
    "",
    ...notesOf(capacity, standIns),
  ].join("\n");
}

function takenText(scale: string, { nodes, least, anyOrder, unplaced, bill }: Taken): string[] {
  const bounds = [
    ...(least < nodes ? [`fewer than ${least} cannot hold them`] : []),
    ...(anyOrder > nodes ? [`${anyOrder} where pods come in another order`] : []),
  ];
  return [
    `At ${scale}: ${nodes} ${nodes === 1 ? "node" : "nodes"}${bounds.length > 0 ? ` (${bounds.join("; ")})` : ""}`,
    ...Object.entries(unplaced).map(
      ([owner, pods]) => `  no node of this size has room for ${pods} of ${owner}, beside what must be on the same node`,
    ),
    ...billText(bill),
  ];
}

const billText = ({ lines, monthly, unpriced }: Bill): string[] => [
  ...lines.map((line) => `  ${line.what}: ${line.monthly}`),
  ...(lines.length > 0 ? [`  a month: ${monthly}`] : []),
  ...unpriced.map((what) => `  no price in the table: ${what}`),
];

function notesOf({ uncounted, off }: Capacity, standIns: boolean): string[] {
  return [
    ...off.map((what) => `Off: ${what}`),
    ...uncounted.map((what) => `Not counted: pods that an operator makes of ${what}`),
    ...(standIns ? ["Charts are the sandbox's stand-ins, whose pods ask for 10m CPU and 16Mi each: the makers' own ask for more."] : []),
    "Not counted: the further pods of a rollout, and what nodes take for themselves where the plan's `reserved` does not say it.",
  ];
}

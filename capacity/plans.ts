import { readFileSync } from "node:fs";
import { parse } from "yaml";
import * as z from "zod";
import { amount } from "../sizing/amount";
import type { Amount } from "./pods";
import type { NodeSize } from "./scheduler";

/** Pods that a kubelet runs at most, unless it is told otherwise. */
const PODS = 110;

const Quantity = z.union([z.string(), z.number()]).refine(
  (value) => {
    try {
      return amount(value) >= 0;
    } catch {
      return false;
    }
  },
  { error: ({ input }) => `${JSON.stringify(input)} is no amount: write it as Kubernetes does, such as 4, 500m or 8Gi` },
);
const Price = z.number({ error: ({ input }) => `${JSON.stringify(input)} is no price: write a number, such as 48 or 0.1` }).nonnegative();

const NodePlan = z.strictObject({
  cpu: Quantity,
  memory: Quantity,
  pods: z.int().positive().default(PODS),
  reserved: z.strictObject({ cpu: Quantity.default(0), memory: Quantity.default(0) }).prefault({}),
  monthly: Price.optional(),
});
export type NodePlan = z.output<typeof NodePlan>;

const Provider = z.strictObject({
  nodes: z.record(z.string(), NodePlan),
  volumes: z.record(z.string(), Price).default({}),
  loadBalancer: Price.optional(),
});
export type Provider = z.output<typeof Provider>;

const Plans = z.record(z.string(), Provider);
export type Plans = z.output<typeof Plans>;

/** A kind of node, and what else its provider has. */
export interface Plan {
  /** As in `vultr/regular-2c-4gb`. */
  readonly name: string;
  readonly node: NodePlan;
  readonly provider: Provider;
}

/**
 * Reads a table of plans.
 *
 * @throws RangeError that names every place that is wrong
 */
export function plansIn(file: string): Plans {
  const { data, error } = Plans.safeParse(parse(readFileSync(file, "utf8")));
  if (data) return data;
  const wrong = error.issues.map(({ path, message }) => `  ${path.join(".")}: ${message}`);
  throw new RangeError([`${file} is no table of plans:`, ...wrong].join("\n"));
}

/** Names of all plans, as in `vultr/regular-2c-4gb`. */
export const namesOf = (plans: Plans): string[] =>
  Object.entries(plans).flatMap(([provider, { nodes }]) => Object.keys(nodes).map((node) => `${provider}/${node}`));

/** @throws RangeError where there is no such plan */
export function planOf(plans: Plans, name: string): Plan {
  const [provider = "", node = ""] = name.split("/");
  const found = plans[provider]?.nodes[node];
  if (!found) throw new RangeError(`there is no plan "${name}"; plans are ${namesOf(plans).join(", ")}`);
  return { name, node: found, provider: plans[provider]! };
}

/** What a node of a plan has for pods. */
export function sizeOf({ node: { cpu, memory, pods, reserved } }: Plan): NodeSize {
  const of = (given: Record<keyof Amount, string | number>): Amount => ({
    cpu: Math.round(amount(given.cpu) * 1000),
    memory: Math.round(amount(given.memory)),
  });
  const [whole, own] = [of({ cpu, memory }), of(reserved)];
  return { cpu: whole.cpu - own.cpu, memory: whole.memory - own.memory, pods };
}

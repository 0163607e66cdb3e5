import { Command, InvalidArgumentError, Option } from "commander";
import { configIn } from "../../sandbox/stack";
import { capacityText } from "../capacity-text";
import { UserError } from "../errors";
import { checkReadable } from "../files";
import { environmentOption, jsonOption, stackArgument } from "../options";
import { chartsOption, planned } from "../planned";
import { stacksMeant } from "../stacks";
import { knownStack } from "../target";

const PLANS = "capacity/plans.yaml";

interface Options {
  readonly environment?: string;
  readonly node?: string;
  readonly zones?: number;
  readonly plans: string;
  readonly charts?: string;
  readonly json: boolean;
}

const count = (text: string): number => {
  if (/^[1-9]\d?$/.test(text)) return Number(text);
  throw new InvalidArgumentError("write a number from 1 to 99");
};

export const capacity = new Command("capacity")
  .summary("what a stack takes of a cluster: requests, nodes, storage, cost")
  .description(
    "Says what a stack takes of a cluster with its autoscalers at their least and at their most, from the objects that an up would make: requests and limits, storage, the nodes that hold them, and what these cost by a table of plans. It asks no cluster and changes nothing.",
  )
  .addArgument(stackArgument())
  .addOption(environmentOption())
  .addOption(new Option("--node <plan>", "plan of the nodes, such as vultr/regular-2c-4gb. Default: stackyard:capacity.node"))
  .addOption(new Option("--zones <count>", "zones that the nodes are in, evenly. Default: stackyard:capacity.zones").argParser(count))
  .addOption(new Option("--plans <file>", "table of plans and prices").default(PLANS))
  .addOption(chartsOption())
  .addOption(jsonOption())
  .action(async (stack: string, { node, zones, plans, charts, json, ...options }: Options, command: Command) => {
    checkReadable("--plans", plans);
    const stacks = stacksMeant(stack, { ...options, sandbox: "" }, command);
    const [{ capacityOf }, { planOf, plansIn }, { capacitySectionOf }] = await Promise.all([
      import("../../capacity"),
      import("../../capacity/plans"),
      import("../../config/capacity"),
    ]);
    const meant = stacks.map(knownStack).find((file) => configIn(file)["stackyard:capacity"] !== undefined);
    const section = capacitySectionOf(stack, meant ?? knownStack(stacks[0] ?? stack));
    const plan = refusing(() => planOf(plansIn(plans), node ?? section.node), `$EDITOR ${plans}   # the table of plans, yours to edit`);
    const objects = (await planned(stacks, charts)).flatMap((one) => one.objects);
    const answer = capacityOf(objects, plan, zones ?? section.zones, section.expected);
    if (json) console.log(JSON.stringify({ stacks, ...answer }, undefined, 2));
    else console.log(capacityText(stacks, answer, charts === "sandbox"));
  });

/** @throws UserError for what a table of plans does not have */
function refusing<Found>(find: () => Found, remedy: string): Found {
  try {
    return find();
  } catch (error) {
    if (error instanceof RangeError) throw new UserError(error.message, [remedy]);
    throw error;
  }
}

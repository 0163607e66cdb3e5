import { Command } from "commander";
import { configIn, stacksOf } from "../../sandbox/stack";
import { readBy } from "../environment";
import { jsonOption } from "../options";
import { table } from "../table";
import { project } from "../target";

export const stacks = new Command("stacks")
  .summary("the stacks of this repository, and which of them each reads")
  .description("Lists the stacks that have a Pulumi.<stack>.yaml here, each with those that have to be up before it. Asks no cluster.")
  .addOption(jsonOption())
  .action(({ json }: { json: boolean }) => {
    const all = stacksOf(project).sort();
    const configOf = (stack: string) => configIn(`Pulumi.${stack}.yaml`);
    const rows = all.map((stack) => ({ stack, after: readBy(stack, all, configOf) }));
    if (json) console.log(JSON.stringify(rows));
    else
      console.log(
        table(
          ["stack", "after"],
          rows.map(({ stack, after }) => [stack, after.join(", ")]),
        ),
      );
  });

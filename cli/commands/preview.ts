import { Command } from "commander";
import { clusterOption, sandboxOption, stackArgument, yesOption } from "../options";
import { pulumi } from "../pulumi";
import { targetOf, type TargetOptions } from "../target";

export const preview = new Command("preview")
  .summary("show what an up would change")
  .description("Shows what `up` would change, judged by the policy pack and by the API server, and changes nothing.")
  .addArgument(stackArgument())
  .addOption(sandboxOption())
  .addOption(clusterOption())
  .addOption(yesOption())
  .addHelpText("after", "\nWhat follows -- goes to `pulumi preview`, for example: stackyard preview -- --diff --expect-no-changes")
  .allowExcessArguments()
  .action(async (stack: string, options: TargetOptions, command: Command) => {
    await pulumi(await targetOf(stack, options), ["preview", ...command.args.slice(1)]);
  });

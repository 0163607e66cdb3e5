import { Command } from "commander";
import { clusterOption, environmentOption, sandboxOption, stackArgument, yesOption } from "../options";
import { passedOn } from "../passed-on";
import { checkConfigs, inTurn, stacksMeant, type StacksOptions } from "../stacks";
import { targetsOf } from "../target";
import { judged } from "../verdict";

export const preview = new Command("preview")
  .summary("show what an up would change")
  .description("Shows what `up` would change, judged by the policy pack and by the API server, and changes nothing.")
  .addArgument(stackArgument())
  .addOption(environmentOption())
  .addOption(sandboxOption())
  .addOption(clusterOption())
  .addOption(yesOption())
  .addHelpText("after", "\nWhat follows -- goes to `pulumi preview`, for example: stackyard preview -- --diff --expect-no-changes")
  .action(async (stack: string, options: StacksOptions, command: Command) => {
    const targets = await targetsOf(stacksMeant(stack, options, command), options);
    await checkConfigs(targets);
    await inTurn(targets, (target) => judged(target, "preview", passedOn));
  });

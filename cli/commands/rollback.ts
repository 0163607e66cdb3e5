import { Argument, Command } from "commander";
import { UserError } from "../errors";
import { SYSTEMS, wayBack, type ImageChange, type System, type Update } from "../images";
import { clusterOption, sandboxOption, stackArgument, yesOption } from "../options";
import { ask } from "../pulumi";
import { releaseDeadLock } from "../recovery";
import { dataLost, plannedBy, shown } from "../changes";
import { tryingImages } from "../stack-file";
import { step } from "../steps";
import { table } from "../table";
import { confirm, nextOn, targetsOf, type Target, type TargetOptions } from "../target";
import { judged } from "../verdict";

export const rollback = new Command("rollback")
  .summary("go back to the images before, with the data as they are")
  .description(
    "Goes back to the images of the last update that succeeded with others, by the stack's history. Shows first what would change, refuses what would touch data, and asks. Typed twice, it goes forth again.",
  )
  .addArgument(stackArgument())
  .addArgument(new Argument("[system]", "system whose images alone go back").choices(SYSTEMS))
  .addOption(sandboxOption())
  .addOption(clusterOption())
  .addOption(yesOption())
  .action(async (stack: string, system: System | undefined, options: TargetOptions) => {
    const [target] = await targetsOf([stack], { ...options, yes: true }); // it asks once it knows what would change
    await releaseDeadLock(target!);
    const systems = system ? [system] : SYSTEMS;
    const history = await ask<Update[]>(target!, ["stack", "history", "--json"]);
    const back = wayBack(history, systems);
    if (!back) {
      throw new UserError(
        `the history of stack "${stack}" has no update that succeeded with other images${system ? ` of ${system}` : ""}`,
        [`${nextOn(target!, "up", stack)} --set stackyard:starter.api.image=registry.example.com/api:1.4.0   # names one yourself`],
      );
    }
    console.log(`Images of the update of ${back.to.startTime}:\n${imagesTable(back.changes)}\n`);
    await goBack(target!, back.changes, { command: nextOn(target!, "rollback", stack, ...(system ? [system] : [])), ...options });
  });

const imagesTable = (changes: readonly ImageChange[]): string =>
  table(
    ["option", "now", "then"],
    changes.map(({ path, from = "", to = "" }) => [path.join("."), from, to]),
  );

interface Asked {
  /** What was typed. */
  readonly command: string;
  readonly yes?: boolean;
}

/**
 * Brings a stack up with other images, after it was shown what that changes.
 *
 * @throws UserError where it would touch data, or is not wanted: nothing is changed then
 */
async function goBack(target: Target, changes: readonly ImageChange[], { command, yes = false }: Asked): Promise<void> {
  await tryingImages(target, changes, async (trial, keep) => {
    const planned = await step("Preview", () => plannedBy(trial, command));
    console.log(shown(planned));
    const lost = dataLost(planned);
    if (lost.length > 0) {
      throw new UserError(`that would touch data, and nothing was changed:\n${lost.map((what) => `  ${what}`).join("\n")}`, [
        `${nextOn(target, "preview", target.stack)} -- --diff   # what the stack's file asks for besides images`,
      ]);
    }
    if (!yes) await confirm(target.stack, `Stack "${target.stack}" is about to go back to these images`, "--yes");
    keep();
    await judged(target, "up", ["--yes", "--skip-preview", "--suppress-outputs", "--message", messageOf(changes)]);
  });
}

const messageOf = (changes: readonly ImageChange[]): string =>
  `rollback: ${changes.map(({ path, to = "its default" }) => `${path.join(".")} to ${to}`).join(", ")}`;

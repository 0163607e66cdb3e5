import { Command, Option } from "commander";
import { backendOf } from "../../sandbox";
import { configIn } from "../../sandbox/stack";
import { ensure, pathOf } from "../../sandbox/toolchain";
import { flyAppFor } from "../../stacks/fly";
import { UserError } from "../errors";
import { signal } from "../interrupt";
import { stackArgument } from "../options";
import { ask } from "../pulumi";
import { step } from "../steps";
import { knownStack } from "../target";

export const flyToml = new Command("fly-toml")
  .summary("print the fly.toml of a stack's dotdo at the edge")
  .description(
    "Prints the fly.toml of the Fly Machines that run a stack's dotdo at the edge, from the same options as its pods. It asks no cluster, changes nothing, and has no secret in it.",
  )
  .addArgument(stackArgument().default("fly"))
  .addOption(
    new Option("--sandbox <name>", "read what the other stack shares from this sandbox. Default: the backend that plain pulumi works with"),
  )
  .addHelpText("after", "\nWhat to type next goes to standard error: npx stackyard fly-toml fly > fly.toml")
  .action(async (stack: string, { sandbox }: { sandbox?: string }) => {
    const section = configIn(knownStack(stack))["stackyard:dotdo"];
    if (section === undefined) throw new UserError(`stack "${stack}" has no dotdo: Pulumi.${stack}.yaml has no section stackyard:dotdo`);
    const { toml, next } = await flyAppFor(stack, section, (other) => outputsOf(other, sandbox));
    process.stdout.write(toml);
    console.error(`\nWhat to type next, beside the fly.toml:\n${next.map((line) => `  ${line}`).join("\n")}`);
  });

/** What a stack exports; each secret value reads `[secret]`. */
async function outputsOf(stack: string, sandbox?: string): Promise<Record<string, unknown>> {
  // Pulumi's command takes other/prod for organization and stack, the program for project and stack
  if (stack.split("/").length === 2) {
    throw new UserError(`"${stack}" may be an organization's stack or another project's: write all three parts of its name in sharedFrom`);
  }
  const programs = await step("Pulumi", (say) => ensure(["pulumi"], say, signal));
  const path = { PATH: [...pathOf(Object.values(programs)), process.env.PATH].join(":") };
  const env = { ...path, ...(sandbox !== undefined && backendOf(sandbox)) };
  try {
    return await ask({ env }, ["stack", "output", "--json", "--stack", stack]);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(`what stack "${stack}" shares cannot be read: ${error.message}`, [
      "pulumi login <the backend of your state>",
      `npx stackyard ${process.argv.slice(2).join(" ")} --sandbox default   # or reads it from the sandbox`,
    ]);
  }
}

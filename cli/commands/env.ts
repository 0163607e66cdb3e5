import { Command } from "commander";
import { open } from "../../sandbox";
import { openStack } from "../../sandbox/stack";
import { jsonOption, sandboxOption, stackArgument } from "../options";
import { signal } from "../interrupt";
import { step } from "../steps";
import { project } from "../target";

/** A value as a POSIX shell reads it back. */
const quoted = (value: string) => `'${value.replaceAll("'", `'\\''`)}'`;

export const env = new Command("env")
  .summary("print what makes plain pulumi, kubectl and helm work on the sandbox")
  .description('Prints the exports that make plain `pulumi`, `kubectl` and `helm` work on the sandbox: eval "$(npx stackyard env)"')
  .addArgument(stackArgument())
  .addOption(sandboxOption())
  .addOption(jsonOption())
  .action(async (stack: string, options: { sandbox: string; json: boolean }) => {
    const variables = await openStack(await open(options.sandbox, step, { clients: true, signal }), project, stack);
    if (options.json) console.log(JSON.stringify(variables, undefined, 2));
    else for (const [name, value] of Object.entries(variables)) console.log(`export ${name}=${quoted(value)}`);
  });

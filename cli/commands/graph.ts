import { Command, Option } from "commander";
import { writeFileSync } from "node:fs";
import { configIn, stacksOf } from "../../sandbox/stack";
import { readBy } from "../environment";
import { checkWritable } from "../files";
import { environmentOption, jsonOption, stackArgument } from "../options";
import { chartsOption, planned } from "../planned";
import { stacksMeant } from "../stacks";
import { project } from "../target";

interface Options {
  readonly environment?: string;
  readonly output?: string;
  readonly charts?: string;
  readonly json: boolean;
}

export const graph = new Command("graph")
  .summary("a stack as a picture: its parts, and who talks to whom")
  .description(
    "Draws a stack as SVG, from the objects that an up would make: namespaces, what runs and keeps data in them, who is told whose address, who may connect to whom, and which stack reads the outputs of which. It asks no cluster, and no secret is in the picture.",
  )
  .addArgument(stackArgument())
  .addOption(environmentOption())
  .addOption(new Option("-o, --output <file>", "file that it is written to. Default: standard output"))
  .addOption(chartsOption())
  .addOption(jsonOption())
  .action(async (stack: string, { output, charts, json, ...options }: Options, command: Command) => {
    if (output !== undefined) checkWritable("--output", output);
    const stacks = stacksMeant(stack, { ...options, sandbox: "" }, command);
    const { graphOf, svgOf } = await import("../../graph");
    const objects = (await planned(stacks, charts)).flatMap((one) => one.objects);
    const all = stacksOf(project);
    const configOf = (name: string) => configIn(`Pulumi.${name}.yaml`);
    const reads = stacks.flatMap((reader) => readBy(reader, all, configOf).map((other) => ({ stack: reader, other })));
    const found = graphOf(objects, reads);
    const text = json ? `${JSON.stringify(found, undefined, 2)}\n` : await svgOf(found, `Stackyard: ${stacks.join(", ")}`);
    if (output === undefined) process.stdout.write(text);
    else writeFileSync(output, text);
  });

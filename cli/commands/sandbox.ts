import { Command, InvalidArgumentError, Option } from "commander";
import { open } from "../../sandbox";
import { logs, reset, status, stop } from "../../sandbox/cluster";
import { jsonOption, sandboxOption } from "../options";
import { signal } from "../interrupt";
import { step } from "../steps";
import { table } from "../table";

interface SandboxOptions {
  readonly sandbox: string;
}

const count = (text: string): number => {
  if (/^[1-9]\d{0,2}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("write a number from 1 to 999");
};
const quantity = (text: string): string => {
  if (/^\d+(\.\d+)?(m|[KMGT]i?)?$/.test(text)) return text;
  throw new InvalidArgumentError("write a quantity as Kubernetes does, such as 4 or 8Gi");
};

const command = (name: string, description: string) => new Command(name).description(description).addOption(sandboxOption());

const startCommand = command("start", "Starts the sandbox, and mends what of it was killed.")
  .addOption(new Option("--nodes <count>", "number of nodes from now on").argParser(count))
  .addOption(new Option("--cpu <quantity>", "CPU of each, such as 4").argParser(quantity))
  .addOption(new Option("--memory <quantity>", "memory of each, such as 8Gi").argParser(quantity))
  .action(async ({ sandbox, nodes, cpu, memory }: SandboxOptions & { nodes?: number; cpu?: string; memory?: string }) => {
    const wanted = {
      ...(nodes !== undefined && { count: nodes }),
      ...(cpu !== undefined && { cpu }),
      ...(memory !== undefined && { memory }),
    };
    const { cluster } = await open(sandbox, step, { signal, nodes: wanted });
    console.log(`Sandbox "${sandbox}" runs: KUBECONFIG=${cluster.kubeconfig}`);
  });

const stopCommand = command("stop", "Stops the sandbox and keeps its data.").action(async ({ sandbox }: SandboxOptions) => {
  await step(`Stopping sandbox "${sandbox}"`, () => stop(sandbox));
});

const statusCommand = command("status", "Says which parts of the sandbox run. Ends with 1 when one does not.")
  .addOption(jsonOption())
  .action(async ({ sandbox, json }: SandboxOptions & { json: boolean }) => {
    const seen = await status(sandbox);
    if (json) console.log(JSON.stringify(seen, undefined, 2));
    else
      console.log(
        table(
          ["component", "state", "process"],
          seen.components.map(({ name, healthy, pid }) => [name, healthy ? "healthy" : "down", `${pid ?? ""}`]),
        ),
      );
    if (!seen.components.every(({ healthy }) => healthy)) process.exitCode = 1;
  });

const resetCommand = command("reset", "Stops the sandbox and wipes all of it: cluster, volumes, and the state of its stacks.").action(
  async ({ sandbox }: SandboxOptions) => {
    await step(`Wiping sandbox "${sandbox}"`, () => reset(sandbox));
  },
);

const logsCommand = command("logs", "Prints the logs of the sandbox's components.")
  .argument("[component]", "one component, such as kube-apiserver; all of them where it is left out")
  .action(async (component: string | undefined, { sandbox }: SandboxOptions) => {
    await logs(sandbox, component);
  });

export const sandbox = new Command("sandbox")
  .description("The sandbox: a real control plane on loopback, for a machine that has no cluster.")
  .addCommand(startCommand)
  .addCommand(stopCommand)
  .addCommand(statusCommand)
  .addCommand(resetCommand)
  .addCommand(logsCommand);

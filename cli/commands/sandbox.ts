import { Command } from "commander";
import { open } from "../../sandbox";
import { logs, reset, status, stop } from "../../sandbox/cluster";
import { jsonOption, sandboxOption } from "../options";
import { signal } from "../interrupt";
import { step } from "../steps";
import { table } from "../table";

interface SandboxOptions {
  readonly sandbox: string;
}

const command = (name: string, description: string) => new Command(name).description(description).addOption(sandboxOption());

const startCommand = command("start", "Starts the sandbox, and mends what of it was killed.").action(
  async ({ sandbox }: SandboxOptions) => {
    const { cluster } = await open(sandbox, step, { signal });
    console.log(`Sandbox "${sandbox}" runs: KUBECONFIG=${cluster.kubeconfig}`);
  },
);

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

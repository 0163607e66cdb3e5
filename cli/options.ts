import { Argument, Option } from "commander";

/** Arguments and options that commands share. */
export const stackArgument = () => new Argument("[stack]", "stack to work on: one Pulumi.<stack>.yaml").default("dev");
export const environmentOption = () =>
  new Option("-e, --environment <name>", "every stack of an environment, <name> and <name>-…, in the order in which they read each other");
export const sandboxOption = () =>
  new Option("--sandbox <name>", "sandbox to work on; each is a cluster and a state of its own").default("default");
export const clusterOption = () => new Option("--cluster <context>", "work on your own cluster, the one that this kube context names");
export const yesOption = () => new Option("-y, --yes", "do not ask whether the named cluster is meant").default(false);
export const jsonOption = () => new Option("--json", "print data as JSON").default(false);

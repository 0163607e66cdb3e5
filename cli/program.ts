import { Command } from "commander";
import { capacity } from "./commands/capacity";
import { doctor } from "./commands/doctor";
import { down } from "./commands/down";
import { env } from "./commands/env";
import { flyToml } from "./commands/fly-toml";
import { graph } from "./commands/graph";
import { policyCommand } from "./commands/policy";
import { preview } from "./commands/preview";
import { rbac } from "./commands/rbac";
import { release } from "./commands/release";
import { rollback } from "./commands/rollback";
import { sandbox } from "./commands/sandbox";
import { stacks } from "./commands/stacks";
import { tenants } from "./commands/tenants";
import { up } from "./commands/up";
import { verify } from "./commands/verify";

/** The command line, with all of its commands. */
export const program = new Command("stackyard")
  .description("Hosts dotdo, FluxionDB, Plinko PIR and the SaaS starter on Kubernetes: one typed Pulumi program, one stack an environment.")
  .showHelpAfterError("(--help says what is accepted)")
  .showSuggestionAfterError()
  .addCommand(up)
  .addCommand(preview)
  .addCommand(down)
  .addCommand(verify)
  .addCommand(release)
  .addCommand(rollback)
  .addCommand(env)
  .addCommand(flyToml)
  .addCommand(stacks)
  .addCommand(capacity)
  .addCommand(graph)
  .addCommand(policyCommand)
  .addCommand(doctor)
  .addCommand(rbac)
  .addCommand(sandbox)
  .addCommand(tenants);

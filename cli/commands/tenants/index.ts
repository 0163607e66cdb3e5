import { Command, Option } from "commander";
import { change, lookFirst, serviceOptions, waitOption, withSession, type TenantOptions } from "./change";
import { exportCommand, importCommand } from "./copy";
import { keyOption, readKey } from "./key";
import { reconcile } from "./reconcile";
import { serve } from "./serve";
import { token } from "./token";
import { upgrade } from "./upgrade";
import { backupsTable, operationsTable, tenantFacts, tenantsTable } from "./shown";
import { table } from "../../table";
import { TENANT_STATES } from "../../../tenants/schemas";

type KeyOptions = TenantOptions & { readonly keyFile?: string };
type RamOptions = TenantOptions & { readonly ram: string };

const ramOption = () => new Option("--ram <quantity>", "memory, such as 2Gi; storage is twice as much").makeOptionMandatory();

const command = (name: string, description: string) => serviceOptions(new Command(name).description(description));
const changing = (name: string, description: string) => command(name, description).argument("<user>").addOption(waitOption());

const adding = (name: "provision" | "adopt", description: string) =>
  changing(name, description)
    .addOption(ramOption())
    .addOption(keyOption())
    .action(async (user: string, options: RamOptions & KeyOptions) => {
      const apiKey = await readKey(options.keyFile);
      await change(options, ({ tenants, caller }) => tenants[name]({ user, ram: options.ram, apiKey }, caller));
    });

const plain = (name: "suspend" | "resume" | "backup", description: string) =>
  changing(name, description).action(async (user: string, options: TenantOptions) => {
    await change(options, ({ tenants, caller }) => tenants[name](user, caller));
  });

const resize = changing("resize", "Gives a tenant more RAM, and storage with it; never less.")
  .addOption(ramOption())
  .action(async (user: string, options: RamOptions) => {
    await change(options, ({ tenants, caller }) => tenants.resize(user, { ram: options.ram }, caller));
  });

const rotateKey = changing("rotate-key", "Gives a tenant another key, restarts it with it, and forgets the old one.")
  .addOption(keyOption())
  .action(async (user: string, options: KeyOptions) => {
    const apiKey = await readKey(options.keyFile);
    await change(options, ({ tenants, caller }) => tenants.rotateKey(user, { apiKey }, caller));
  });

const restore = changing("restore", "Makes the data of a backup the tenant's, on a new volume.")
  .addOption(new Option("--backup <id>", "one of those that `backups` lists").makeOptionMandatory())
  .action(async (user: string, options: TenantOptions & { readonly backup: string }) => {
    await change(options, ({ tenants, caller }) => tenants.restore(user, { backup: options.backup }, caller));
  });

const remove = changing("delete", "Suspends a tenant, takes a last snapshot, and removes its data when its grace days are over.")
  .addOption(new Option("--grace-days <days>", "days that the data are kept; `resume` takes it back meanwhile").argParser(Number))
  .action(async (user: string, options: TenantOptions & { readonly graceDays?: number }) => {
    const { graceDays } = options;
    await change(options, ({ tenants, caller }) => tenants.delete(user, graceDays === undefined ? {} : { graceDays }, caller));
  });

const list = command("list", "Lists the tenants.")
  .addOption(new Option("--state <state>", "those of one state alone").choices(TENANT_STATES))
  .action(async (options: TenantOptions & { readonly state?: (typeof TENANT_STATES)[number] }) => {
    await withSession(options, async (session) => {
      await lookFirst(session);
      const { tenants, caller } = session;
      const { state } = options;
      const found = [];
      for (let after: string | undefined, more = true; more; more = after !== undefined) {
        const page = await tenants.list(
          { limit: 1000, ...(state !== undefined && { state }), ...(after !== undefined && { after }) },
          caller,
        );
        found.push(...page.items);
        after = page.next;
      }
      console.log(options.json ? JSON.stringify(found, undefined, 2) : tenantsTable(found));
    });
  });

const show = command("show", "Shows a tenant, its operations and its backups.")
  .argument("<user>")
  .action(async (user: string, options: TenantOptions) => {
    await withSession(options, async (session) => {
      await lookFirst(session);
      const { tenants, caller } = session;
      const tenant = await tenants.show(user, caller);
      const [operations, backups] = [await tenants.operations(user, caller), await tenants.backups(user, caller)];
      if (options.json) console.log(JSON.stringify({ tenant, operations, backups }, undefined, 2));
      else
        console.log(
          [tenantFacts(tenant), operationsTable(operations), ...(backups.length > 0 ? [backupsTable(backups)] : [])].join("\n\n"),
        );
    });
  });

const backups = command("backups", "Lists the backups of a tenant.")
  .argument("<user>")
  .action(async (user: string, options: TenantOptions) => {
    await withSession(options, async ({ tenants, caller }) => {
      const found = await tenants.backups(user, caller);
      console.log(options.json ? JSON.stringify(found, undefined, 2) : backupsTable(found));
    });
  });

const audit = command("audit", "Prints what was asked for, by whom, and what came of it.").action(async (options: TenantOptions) => {
  await withSession(options, async ({ db }) => {
    const rows = await db.selectFrom("audit").selectAll().orderBy("number").execute();
    if (options.json) console.log(JSON.stringify(rows, undefined, 2));
    else {
      console.log(
        table(
          ["at", "by", "what", "user", "outcome", "why"],
          rows.map(({ at, caller, action, user_id, outcome, details }) => [
            at.toISOString(),
            caller,
            action,
            user_id ?? "",
            outcome,
            details ?? "",
          ]),
        ),
      );
    }
  });
});

export const tenants = new Command("tenants")
  .summary("FluxionDB as a service: a database a user")
  .description("FluxionDB as a service: a user gives RAM and a key, and has a database (docs/tenants.md).")
  .addCommand(
    adding("provision", "Makes a database for a user, and waits until it is ready. Its key is read from a file or standard input."),
  )
  .addCommand(list)
  .addCommand(show)
  .addCommand(resize)
  .addCommand(rotateKey)
  .addCommand(plain("suspend", "Ends the pod of a tenant, and keeps all else."))
  .addCommand(plain("resume", "Starts a suspended tenant again, or takes a deletion back while its grace days last."))
  .addCommand(plain("backup", "Takes a snapshot of a tenant's volume."))
  .addCommand(backups)
  .addCommand(restore)
  .addCommand(remove)
  .addCommand(adding("adopt", "Takes over namespace and volume that were kept of an earlier database of this user."))
  .addCommand(audit)
  .addCommand(reconcile)
  .addCommand(upgrade)
  .addCommand(exportCommand)
  .addCommand(importCommand)
  .addCommand(serve)
  .addCommand(token);

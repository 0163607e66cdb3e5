import { Command, Option } from "commander";
import type { Tokens, TokenView } from "../../../tenants/http/tokens";
import { table } from "../../table";
import { serviceOptions, withSession, type TenantOptions } from "./change";
import type { Session } from "./session";

interface CreateOptions extends TenantOptions {
  readonly tenant?: string;
  readonly scope?: readonly string[];
  readonly days?: number;
}

const command = (name: string, description: string) => serviceOptions(new Command(name).description(description));

async function withTokens<T>(options: TenantOptions, work: (tokens: Tokens, by: string) => Promise<T>) {
  const { Tokens } = await import("../../../tenants/http/tokens");
  return withSession(options, ({ db, keyring, caller }: Session) => work(new Tokens(db, keyring), caller.name));
}

const several = (given: string, before: readonly string[] = []) => [...before, given];

const create = command("create", "Makes a token of the HTTP API and prints it, this once.")
  .argument("<name>", "what it is called in lists and in the audit")
  .addOption(new Option("--tenant <user>", "the one tenant that its holder may see; left out: an operator's token, for all tenants"))
  .addOption(
    new Option("--scope <scope>", "what it is for, such as tenants:read; may be given several times. Default: all").argParser(several),
  )
  .addOption(new Option("--days <days>", "days until it ends (default: 365)").argParser(Number))
  .action((name: string, options: CreateOptions) =>
    withTokens(options, async (tokens, by) => {
      const { tenant, scope, days } = options;
      const request = {
        name,
        ...(tenant !== undefined && { tenant }),
        ...(scope !== undefined && { scopes: [...scope] as never }), // checked by the schema
        ...(days !== undefined && { days }),
      };
      const { token, view } = await tokens.create(request, by);
      if (options.json) return console.log(JSON.stringify({ token, ...view }, undefined, 2));
      console.error(
        `Token "${name}" until ${view.expiresAt}, for ${view.tenant ?? "all tenants"}: ${view.scopes.join(", ")}. It is not shown again:`,
      );
      console.log(token);
    }),
  );

const list = command("list", "Lists the tokens of the HTTP API; no token can be read from it.").action((options: TenantOptions) =>
  withTokens(options, async (tokens) => {
    const all = await tokens.list();
    console.log(options.json ? JSON.stringify(all, undefined, 2) : tokensTable(all));
  }),
);

const revoke = command("revoke", "Ends a token of the HTTP API: nobody gets in by it from now on.")
  .argument("<name>")
  .action((name: string, options: TenantOptions) =>
    withTokens(options, async (tokens, by) => {
      const view = await tokens.revoke(name, by);
      console.log(options.json ? JSON.stringify(view, undefined, 2) : tokensTable([view]));
    }),
  );

const tokensTable = (tokens: readonly TokenView[]): string =>
  table(
    ["token", "id", "of", "scopes", "until", "revoked"],
    tokens.map(({ name, id, tenant = "all", scopes, expiresAt, revokedAt = "" }) => [
      name,
      id,
      tenant,
      scopes.join(" "),
      expiresAt,
      revokedAt,
    ]),
  );

export const token = new Command("token").description("Tokens of the HTTP API.").addCommand(create).addCommand(list).addCommand(revoke);

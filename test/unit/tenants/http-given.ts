import { PGlite } from "@electric-sql/pglite";
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from "fastify";
import { Kysely, Migrator, sql } from "kysely";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Tenants } from "../../../tenants";
import { apiOf, type ApiOptions } from "../../../tenants/http/app";
import { Tokens, type TokenRequest } from "../../../tenants/http/tokens";
import { Keyring } from "../../../tenants/keyring";
import type { Database } from "../../../tenants/registry/database";
import { migrations } from "../../../tenants/registry/migrations";
import { pgliteDialect } from "../../../tenants/registry/pglite";
import type { Tables } from "../../../tenants/registry/tables";
import type { z } from "zod";
import { service } from "./given";

export const KEY = "a-key-that-nobody-may-see";

/** The API over a registry in memory. No worker works on it: operations stay as they are asked for. */
export class Given {
  private readonly apps: FastifyInstance[] = [];

  private constructor(
    readonly db: Database,
    readonly tenants: Tenants,
    readonly tokens: Tokens,
    private readonly close: () => Promise<void>,
  ) {}

  static async open(): Promise<Given> {
    const db = new Kysely<Tables>({
      dialect: pgliteDialect(
        () => PGlite.create(),
        () => {},
      ),
    });
    const { error } = await new Migrator({ db, provider: migrations }).migrateToLatest();
    if (error !== undefined) throw error as Error;
    const folder = mkdtempSync(join(tmpdir(), "stackyard-http-"));
    const keyring = Keyring.open(join(folder, "keyring.json"));
    const settings = service({ limits: { tenants: 100_000 } });
    return new Given(db, new Tenants(db, keyring, settings), new Tokens(db, keyring), async () => {
      await db.destroy();
      rmSync(folder, { recursive: true });
    });
  }

  async api(options: Partial<ApiOptions> = {}): Promise<FastifyInstance> {
    const ping = () => sql`select 1`.execute(this.db);
    const app = await apiOf({ service: this.tenants, tokens: this.tokens, ping, rate: 1_000_000, ...options });
    this.apps.push(app);
    return app;
  }

  /** Headers of who has a token. */
  async token(request: z.input<typeof TokenRequest>): Promise<{ authorization: string }> {
    const { token } = await this.tokens.create(request, "test");
    return { authorization: `Bearer ${token}` };
  }

  /** A tenant of a name that no other test has. */
  async tenant(name: string): Promise<string> {
    await this.tenants.provision({ user: name, ram: "1Gi", apiKey: KEY }, { name: "test" });
    return name;
  }

  /** What was written down of one caller. */
  refusals = (caller: string) =>
    this.db
      .selectFrom("audit")
      .select(["action", "user_id"])
      .where("outcome", "=", "refused")
      .where("caller", "like", `token ${caller}/%`)
      .execute();

  async end(): Promise<void> {
    for (const app of this.apps) await app.close();
    await this.close();
  }
}

export const call = (
  app: FastifyInstance,
  request: string,
  headers: InjectOptions["headers"] = {},
  payload?: object,
): Promise<LightMyRequestResponse> => {
  const [method = "", url = ""] = request.split(" ");
  return app.inject({ method: method as "GET", url, headers, payload });
};

/** Each route of the API's description, with what a test puts in the place of its parameters. */
export function routesOf(app: FastifyInstance, values: Readonly<Record<string, string>>): string[] {
  return Object.entries(app.swagger().paths ?? {}).flatMap(([path, methods]) =>
    Object.keys(methods as object).map(
      (method) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, (all, name: string) => values[name] ?? all)}`,
    ),
  );
}

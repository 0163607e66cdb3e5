import { Kysely, Migrator, PostgresDialect, type Transaction } from "kysely";
import { TenantError } from "../errors";
import { migrations } from "./migrations";
import { openPGlite, pgliteDialect } from "./pglite";
import { ownFolder } from "./owner";
import type { Tables } from "./tables";

export type Database = Kysely<Tables>;
/** A database, or a transaction of one. */
export type Queries = Database | Transaction<Tables>;

/** Where a registry is. */
export type Location =
  /** A server's `postgres://` URL: any number of workers on any number of machines. */
  | { readonly url: string }
  /** A folder of this machine, whose database runs in the one process that has opened it. */
  | { readonly folder: string };

const CONNECTIONS = 10;

/**
 * Opens a registry, and brings its schema up to date.
 *
 * @throws TenantError where it cannot be reached, or another process has opened its folder; nothing that is said has a password in it
 */
export async function openDatabase(location: Location): Promise<Database> {
  const db = new Kysely<Tables>({ dialect: "url" in location ? await server(location.url) : await embedded(location.folder) });
  try {
    const { error } = await new Migrator({ db, provider: migrations }).migrateToLatest();
    if (error !== undefined) throw error as Error;
    return db;
  } catch (error) {
    await db.destroy().catch(() => {});
    if (error instanceof TenantError) throw error;
    const where = "url" in location ? nameOf(location.url) : location.folder;
    throw new TenantError(
      "unavailable",
      `the registry at ${where} cannot be opened: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

async function server(url: string): Promise<PostgresDialect> {
  const { Pool, types } = await import("pg");
  // counts and numbers of rows, which are no more than a number can be
  types.setTypeParser(types.builtins.INT8, Number);
  const pool = new Pool({
    connectionString: url,
    max: CONNECTIONS,
    connectionTimeoutMillis: 10_000,
    // a server that went away without a word, as in a failover: a query to it would wait for ever
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    application_name: "stackyard-tenants",
  });
  // a connection that breaks while nobody uses it is replaced by the next one that somebody asks for
  pool.on("error", () => {});
  // one that breaks while somebody uses it fails that query, or the next one; said again to nobody, it would end the process
  pool.on("connect", (client) => client.on("error", () => {}));
  return new PostgresDialect({ pool });
}

async function embedded(folder: string) {
  const release = await ownFolder(folder);
  return pgliteDialect(() => openPGlite(folder), release);
}

/** A server without the password to it. */
export function nameOf(url: string): string {
  try {
    const { host, pathname } = new URL(url);
    return `${host}${pathname}`;
  } catch {
    return "a server whose URL cannot be read";
  }
}

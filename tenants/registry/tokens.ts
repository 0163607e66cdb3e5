import { sql, type Kysely } from "kysely";
import type { ColumnType } from "kysely";

type Fixed<Value> = ColumnType<Value, Value, never>;

/** Tokens of the HTTP API. What a token says is nowhere: `mark` tells it from others, to who has the keyring. */
export interface TokensTable {
  id: Fixed<string>;
  name: Fixed<string>;
  mark: Fixed<string>;
  scopes: Fixed<string[]>;
  /** The one tenant that its holder may see; all where there is none. */
  tenant_id: Fixed<string | null>;
  created_at: ColumnType<Date, undefined, never>;
  expires_at: Fixed<Date>;
  revoked_at: ColumnType<Date | null, undefined, Date>;
}

export async function tokens(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("tokens")
    .addColumn("id", "text", (c) => c.primaryKey())
    .addColumn("name", "text", (c) => c.notNull())
    .addColumn("mark", "text", (c) => c.notNull())
    .addColumn("scopes", sql`text[]`, (c) => c.notNull())
    .addColumn("tenant_id", "uuid", (c) => c.references("tenants.id"))
    .addColumn("created_at", "timestamptz", (c) => c.notNull().defaultTo(sql`now()`))
    .addColumn("expires_at", "timestamptz", (c) => c.notNull())
    .addColumn("revoked_at", "timestamptz")
    .execute();
  // a name says which of the tokens that are in use
  await db.schema.createIndex("token_names").unique().on("tokens").column("name").where(sql.ref("revoked_at"), "is", null).execute();
}

import { sql, type Kysely } from "kysely";
import type { Migration, MigrationProvider } from "kysely";
import { tokens } from "./tokens";

/** Each is run once, in the order of its name, in one transaction. One that has landed never changes. */
const MIGRATIONS: Readonly<Record<string, Migration>> = {
  "0001-registry": { up: registry },
  "0002-tokens": { up: tokens },
};

export const migrations: MigrationProvider = { getMigrations: async () => ({ ...MIGRATIONS }) };

async function registry(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  const now = sql`now()`;
  await schema
    .createTable("binding")
    .addColumn("cluster", "text", (c) => c.notNull())
    .addColumn("environment", "text", (c) => c.notNull())
    .execute();
  await schema
    .createTable("shards")
    .addColumn("id", "integer", (c) => c.primaryKey())
    .addColumn("run", "text")
    .addColumn("host", "text")
    .addColumn("pid", "integer")
    .addColumn("process", "text")
    .addColumn("since", "timestamptz")
    .addColumn("unrecorded", "boolean", (c) => c.notNull().defaultTo(false))
    .addColumn("failure", "text")
    .addColumn("failures", "integer", (c) => c.notNull().defaultTo(0))
    .addColumn("retry_at", "timestamptz")
    .execute();
  await schema
    .createTable("tenants")
    .addColumn("id", "uuid", (c) => c.primaryKey())
    .addColumn("user_id", "text", (c) => c.notNull())
    .addColumn("shard", "integer", (c) => c.notNull().references("shards.id"))
    .addColumn("wanted", "jsonb", (c) => c.notNull())
    .addColumn("generation", "integer", (c) => c.notNull().defaultTo(1))
    .addColumn("reached", "jsonb")
    .addColumn("reached_generation", "integer", (c) => c.notNull().defaultTo(0))
    .addColumn("failed_generation", "integer")
    .addColumn("failure", "text")
    .addColumn("seen", "jsonb")
    .addColumn("seen_at", "timestamptz")
    .addColumn("purge_at", "timestamptz")
    .addColumn("created_at", "timestamptz", (c) => c.notNull().defaultTo(now))
    .addColumn("purged_at", "timestamptz")
    .execute();
  // a user has one tenant at a time; those that were purged stay, for the audit
  await schema.createIndex("tenants_of_user").unique().on("tenants").column("user_id").where(sql.ref("purged_at"), "is", null).execute();
  await schema.createIndex("tenants_of_shard").on("tenants").column("shard").where(sql.ref("purged_at"), "is", null).execute();
  await schema
    .createTable("backups")
    .addColumn("id", "uuid", (c) => c.primaryKey())
    .addColumn("tenant_id", "uuid", (c) => c.notNull().references("tenants.id"))
    .addColumn("kind", "text", (c) => c.notNull())
    .addColumn("state", "text", (c) => c.notNull())
    .addColumn("ram", "text", (c) => c.notNull())
    .addColumn("snapshot", "text", (c) => c.notNull())
    .addColumn("created_at", "timestamptz", (c) => c.notNull().defaultTo(now))
    .execute();
  await schema
    .createTable("operations")
    .addColumn("id", "uuid", (c) => c.primaryKey())
    .addColumn("number", "bigint", (c) => c.generatedAlwaysAsIdentity().unique())
    .addColumn("tenant_id", "uuid", (c) => c.notNull().references("tenants.id"))
    .addColumn("kind", "text", (c) => c.notNull())
    .addColumn("input", "jsonb", (c) => c.notNull())
    .addColumn("state", "text", (c) => c.notNull())
    .addColumn("step", "text")
    .addColumn("step_at", "timestamptz")
    .addColumn("generation", "integer")
    .addColumn("waiting", "text")
    .addColumn("error", "text")
    .addColumn("attempts", "integer", (c) => c.notNull().defaultTo(0))
    .addColumn("backup_id", "uuid", (c) => c.references("backups.id"))
    .addColumn("caller", "text", (c) => c.notNull())
    .addColumn("created_at", "timestamptz", (c) => c.notNull().defaultTo(now))
    .addColumn("finished_at", "timestamptz")
    .execute();
  await schema.createIndex("operations_of_tenant").on("operations").columns(["tenant_id", "number"]).execute();
  await schema.createIndex("unfinished_operations").on("operations").column("number").where(sql.ref("finished_at"), "is", null).execute();
  // whatever the program does: one operation of a tenant runs at a time
  await schema
    .createIndex("one_running_operation")
    .unique()
    .on("operations")
    .column("tenant_id")
    .where(sql.ref("state"), "=", sql.lit("running"))
    .execute();
  await schema
    .createTable("keys")
    .addColumn("tenant_id", "uuid", (c) => c.notNull().references("tenants.id"))
    .addColumn("version", "integer", (c) => c.notNull())
    .addColumn("sealed", "text", (c) => c.notNull())
    .addColumn("created_at", "timestamptz", (c) => c.notNull().defaultTo(now))
    .addPrimaryKeyConstraint("keys_pkey", ["tenant_id", "version"])
    .execute();
  await schema
    .createTable("idempotency")
    .addColumn("caller", "text", (c) => c.notNull())
    .addColumn("key", "text", (c) => c.notNull())
    .addColumn("fingerprint", "text", (c) => c.notNull())
    .addColumn("operation_id", "uuid", (c) => c.notNull().references("operations.id"))
    .addColumn("created_at", "timestamptz", (c) => c.notNull().defaultTo(now))
    .addPrimaryKeyConstraint("idempotency_pkey", ["caller", "key"])
    .execute();
  await schema
    .createTable("audit")
    .addColumn("number", "bigint", (c) => c.generatedAlwaysAsIdentity().primaryKey())
    .addColumn("at", "timestamptz", (c) => c.notNull())
    .addColumn("caller", "text", (c) => c.notNull())
    .addColumn("action", "text", (c) => c.notNull())
    .addColumn("user_id", "text")
    .addColumn("tenant_id", "uuid")
    .addColumn("operation_id", "uuid")
    .addColumn("outcome", "text", (c) => c.notNull())
    .addColumn("details", "text")
    .execute();
  await sql`
    create function refuse_change_of_audit() returns trigger language plpgsql as $$
    begin
      raise exception 'the audit is append-only: % of it is refused', tg_op using errcode = 'insufficient_privilege';
    end $$`.execute(db);
  for (const event of ["update or delete", "truncate"]) {
    const [name, level] = event === "truncate" ? ["audit_is_never_emptied", "statement"] : ["audit_is_append_only", "row"];
    await sql`create trigger ${sql.ref(name)} before ${sql.raw(event)} on audit for each ${sql.raw(level)} execute function refuse_change_of_audit()`.execute(
      db,
    );
  }
}

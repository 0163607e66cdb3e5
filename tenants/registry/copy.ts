import { sql } from "kysely";
import * as z from "zod";
import { TenantError } from "../errors";
import type { Database, Queries } from "./database";
import { FREE } from "./rows";
import type { Tables } from "./tables";

/** Tables in an order in which each names only rows of those before it. */
export const ORDER = [
  "binding",
  "shards",
  "tenants",
  "backups",
  "operations",
  "keys",
  "idempotency",
  "tokens",
  "audit",
] as const satisfies (keyof Tables)[];
/** Those whose rows are numbered by the database. */
const NUMBERED = ["operations", "audit"] as const;

const Row = z.strictObject({ table: z.enum(ORDER), row: z.record(z.string(), z.unknown()) });
/** The last line, without which a file that was cut off would be taken for a registry of fewer tenants. */
const End = z.strictObject({ end: z.int() });
const Line = z.union([Row, End]);

/** Every row of a registry as it is at one moment, a line of JSON each, and a last one that says how many. Keys are in it as they are kept: sealed. */
export async function* linesOf(db: Database): AsyncIterable<string> {
  const tables = await db
    .transaction()
    .setIsolationLevel("repeatable read")
    .execute(async (trx) => {
      const read: [string, Record<string, unknown>[]][] = [];
      for (const table of ORDER)
        read.push([table, (await sql<Record<string, unknown>>`select * from ${sql.table(table)}`.execute(trx)).rows]);
      return read;
    });
  for (const [table, rows] of tables) for (const row of rows) yield JSON.stringify({ table, row });
  yield JSON.stringify({ end: tables.reduce((sum, [, rows]) => sum + rows.length, 0) } satisfies z.output<typeof End>);
}

/**
 * Fills an empty registry with what `linesOf` has written.
 *
 * @returns how many rows
 * @throws TenantError where the registry is not empty or is another cluster's, a line is no row, or rows are missing: nothing is changed
 */
export async function fill(db: Database, lines: AsyncIterable<string>): Promise<number> {
  return db.transaction().execute(async (trx) => {
    if ((await trx.selectFrom("tenants").select("id").limit(1).execute()).length > 0) {
      throw new TenantError("conflict", "the registry has tenants already: a backup is restored into an empty one");
    }
    let rows = 0;
    let end: number | undefined;
    for await (const line of lines) {
      if (line.trim() === "") continue;
      const read = parsed(line, rows + 1);
      if ("end" in read) {
        ({ end } = read);
        continue;
      }
      const { table, row } = read;
      rows += 1;
      if (table === "binding" && (await isBound(trx, row))) continue;
      const typed = sql`jsonb_populate_record(null::${sql.table(table)}, ${JSON.stringify(row)}::jsonb)`;
      await sql`insert into ${sql.table(table)} overriding system value select * from ${typed}`.execute(trx);
    }
    if (end !== rows) {
      const why = end === undefined ? "it has no last line, which says how many there are" : `it had ${end} rows`;
      throw new TenantError("invalid", `what was exported was cut off after ${rows} rows: ${why}`);
    }
    for (const table of NUMBERED) {
      await sql`select setval(pg_get_serial_sequence(${table}, 'number'), coalesce((select max(number) from ${sql.table(table)}), 0) + 1, false)`.execute(
        trx,
      );
    }
    // whoever held a shard then is no worker of this registry, and how its up ended is not known
    await trx
      .updateTable("shards")
      .set({ ...FREE, unrecorded: true })
      .execute();
    return rows;
  });
}

/**
 * Whether the registry is bound already to the cluster that the copy is of: it is as soon as a command has opened it.
 *
 * @throws TenantError where it is bound to another
 */
async function isBound(db: Queries, { cluster, environment }: Readonly<Record<string, unknown>>): Promise<boolean> {
  const bound = await db.selectFrom("binding").selectAll().executeTakeFirst();
  if (bound === undefined || (bound.cluster === cluster && bound.environment === environment)) return bound !== undefined;
  throw new TenantError(
    "conflict",
    `what was exported is of environment "${String(environment)}" on the cluster with uid ${String(cluster)}, not of "${bound.environment}" on ${bound.cluster}`,
  );
}

function parsed(line: string, number: number): z.output<typeof Line> {
  try {
    return Line.parse(JSON.parse(line));
  } catch {
    throw new TenantError("invalid", `line ${number} is no row of a registry: it is not what \`stackyard tenants export\` writes`);
  }
}

import { chmodSync, mkdirSync } from "node:fs";
import type { PGlite, Transaction } from "@electric-sql/pglite";
import {
  CompiledQuery,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
} from "kysely";

/**
 * Postgres inside this process, for Kysely. It is one session: each transaction, and each query outside of one, has it alone.
 */
export const pgliteDialect = (open: () => Promise<PGlite>, closed: () => void): Dialect => ({
  createAdapter: () => new PostgresAdapter(),
  createDriver: () => new SoleSession(open, closed),
  createIntrospector: (db) => new PostgresIntrospector(db),
  createQueryCompiler: () => new PostgresQueryCompiler(),
});

/** @param folder where the database has its files, for their owner alone */
export async function openPGlite(folder: string): Promise<PGlite> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  const { PGlite } = await import("@electric-sql/pglite");
  return PGlite.create({ dataDir: folder });
}

class SoleSession implements Driver {
  private database: PGlite | undefined;
  private turn: Promise<void> = Promise.resolve();
  private release = () => {};

  constructor(
    private readonly open: () => Promise<PGlite>,
    private readonly closed: () => void,
  ) {}

  async init(): Promise<void> {
    this.database = await this.open();
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    const before = this.turn;
    let done = () => {};
    this.turn = new Promise((resolve) => (done = resolve));
    await before;
    this.release = done;
    return new Session(this.session());
  }

  async releaseConnection(): Promise<void> {
    this.release();
  }

  beginTransaction = (session: DatabaseConnection) => run(session, "begin");
  commitTransaction = (session: DatabaseConnection) => run(session, "commit");
  rollbackTransaction = (session: DatabaseConnection) => run(session, "rollback");

  async destroy(): Promise<void> {
    await this.turn;
    await this.database?.close();
    this.closed();
  }

  private session(): PGlite {
    if (this.database === undefined) throw new Error("the database is not open");
    return this.database;
  }
}

const run = async (session: DatabaseConnection, statement: string) => void (await session.executeQuery(CompiledQuery.raw(statement)));

class Session implements DatabaseConnection {
  constructor(private readonly database: Pick<PGlite | Transaction, "query">) {}

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    const { rows, affectedRows } = await this.database.query<Row>(sql, [...parameters]);
    return { rows, ...(affectedRows !== undefined && { numAffectedRows: BigInt(affectedRows) }) };
  }

  // eslint-disable-next-line require-yield
  async *streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw new Error("the embedded database has no cursors");
  }
}

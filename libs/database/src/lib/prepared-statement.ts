import type { Pool, QueryResultRow } from 'pg';
import type { DataSource } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';

/** What a statement returned and how many rows it touched. */
export interface StatementResult<Row> {
  readonly rows: readonly Row[];
  readonly affected: number;
}

/**
 * Condition that is always true and lets the statement's commit not wait for the disk, for what may be lost with a crash
 * of PostgreSQL. Later commits of the connection wait for it again.
 */
export const UNFLUSHED = `set_config('synchronous_commit', 'off', true) = 'off'`;

/**
 * A statement that each connection parses and plans once, for the few that every run passes through: planning them
 * costs PostgreSQL as much as executing them. It runs in a transaction of its own, on a connection of the data source's
 * pool.
 */
export class PreparedStatement<Row extends QueryResultRow = QueryResultRow> {
  /** @param name At most 63 bytes, and no other statement's: the connection knows the statement by it. */
  constructor(
    readonly name: string,
    readonly text: string,
  ) {}

  /** @throws pg's `DatabaseError`, with the SQLSTATE as its `code`, or an error of the connection. */
  async run(dataSource: DataSource, values: unknown[]): Promise<StatementResult<Row>> {
    const pool = (dataSource.driver as PostgresDriver).master as Pool;
    const { rows, rowCount } = await pool.query<Row>({ name: this.name, text: this.text, values });
    return { rows, affected: rowCount ?? 0 };
  }
}

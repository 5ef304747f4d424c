import type { DuckDBConnection, DuckDBPreparedStatement } from '@duckdb/node-api';
import type { Load, TakeRows, TextRow, WarehouseQuery } from '@pipelines/pipeline';
import { parametersOf } from './query-parameters.ts';

/** The whole answer of a query whose columns are text. */
export async function readQuery(
  connection: DuckDBConnection,
  load: Pick<Load, 'pipeline'>,
  query: WarehouseQuery,
): Promise<readonly TextRow[]> {
  const statement = await prepare(connection, load, query);
  try {
    return (await statement.runAndReadAll()).getRowObjectsJson() as unknown as TextRow[];
  } finally {
    statement.destroySync();
  }
}

/** Rows of one batch. */
const BATCH = 2_048;

/**
 * Hands over the answer of a query whose columns are text. It is kept in a temporary table meanwhile, which DuckDB spills
 * to disk: of an answer that it streams, an error ends the rows and is not told.
 */
export async function readQueryInBatches(
  connection: DuckDBConnection,
  load: Pick<Load, 'pipeline' | 'signal'>,
  query: WarehouseQuery,
  take: TakeRows,
): Promise<void> {
  const statement = await prepare(connection, load, {
    ...query,
    sql: `CREATE TEMPORARY TABLE answer AS ${query.sql}`,
  });
  try {
    await statement.run();
  } finally {
    statement.destroySync();
  }
  try {
    for (let start = 0; ; start += BATCH) {
      // Between two statements, there is nothing to interrupt.
      load.signal.throwIfAborted();
      const page = await connection.runAndReadAll(
        `SELECT * FROM temp.answer WHERE rowid >= ${start} AND rowid < ${start + BATCH}`,
      );
      if (page.currentRowCount === 0) break;
      await take(page.getRowObjectsJson() as unknown as TextRow[]);
    }
  } finally {
    await connection.run('DROP TABLE temp.answer');
  }
}

async function prepare(
  connection: DuckDBConnection,
  load: Pick<Load, 'pipeline'>,
  query: WarehouseQuery,
): Promise<DuckDBPreparedStatement> {
  const statement = await connection.prepare(query.sql);
  try {
    statement.bind(parametersOf(statement, query, load));
    return statement;
  } catch (error) {
    statement.destroySync();
    throw error;
  }
}

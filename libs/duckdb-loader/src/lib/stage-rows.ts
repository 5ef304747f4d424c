import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { RowFitter, type Load, type Row } from '@pipelines/pipeline';
import { ChunkAppender } from './chunk-appender.ts';
import { columnDefinitions, DECIMAL_SIZES } from './column-types.ts';

/** The one table of a staging file. */
export const STAGED_ROWS = 'staged_rows';

/**
 * Creates the staging table and appends the batches, with one batch and one chunk in memory at a time.
 * @throws PipelineError `schema_mismatch` for a row that does not fit.
 */
export async function stageRows(
  connection: DuckDBConnection,
  { schema, target, signal }: Load,
  batches: AsyncIterable<readonly Row[]>,
): Promise<void> {
  await connection.run(`CREATE TABLE ${STAGED_ROWS} (${columnDefinitions(schema.columns)})`);
  const fitter = new RowFitter(target.table, schema.columns, DECIMAL_SIZES);
  // Row groups of an open transaction are written once; of one that ends with every flush, to the log as well.
  await connection.run('BEGIN TRANSACTION');
  const appender = await ChunkAppender.open(connection, STAGED_ROWS, schema.columns);
  for await (const batch of batches) {
    signal.throwIfAborted();
    for (const row of batch) appender.append(fitter.fit(row));
    // Batches of one page follow each other without a turn of the event loop, and leases are renewed on a timer.
    await nextTurn();
  }
  signal.throwIfAborted();
  appender.close();
  await connection.run('COMMIT');
}

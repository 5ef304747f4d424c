import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { RowFitter, type Load, type Row } from '@pipelines/pipeline';
import { ChunkAppender } from './chunk-appender.ts';
import { columnDefinitions, DECIMAL_SIZES } from './column-types.ts';
import { toDuckdbValue } from './duckdb-value.ts';

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
  const api = await import('@duckdb/node-api');
  await connection.run(`CREATE TABLE ${STAGED_ROWS} (${columnDefinitions(schema.columns)})`);
  const fitter = new RowFitter(target.table, schema.columns, DECIMAL_SIZES);
  const appender = await ChunkAppender.open(api, connection, STAGED_ROWS);
  for await (const batch of batches) {
    signal.throwIfAborted();
    for (const row of batch) {
      const values = fitter.fit(row);
      appender.append(schema.columns.map((column, index) => toDuckdbValue(api, column, values[index]!)));
    }
    // Batches of one page follow each other without a turn of the event loop, and leases are renewed on a timer.
    await nextTurn();
  }
  signal.throwIfAborted();
  appender.close();
}

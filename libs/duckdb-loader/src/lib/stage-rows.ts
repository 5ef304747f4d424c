import type { DuckDBConnection } from '@duckdb/node-api';
import { RowFitter, type Load, type Row } from '@pipelines/pipeline';
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
  const appender = await connection.createAppender(STAGED_ROWS);
  const writer = api.DuckDBDataChunkWriter.forAppender(appender);
  for await (const batch of batches) {
    signal.throwIfAborted();
    for (const row of batch) {
      const values = fitter.fit(row);
      writer.appendRow(schema.columns.map((column, index) => toDuckdbValue(api, column, values[index]!)));
    }
  }
  signal.throwIfAborted();
  writer.flush();
  appender.closeSync();
}

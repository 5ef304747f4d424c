import type { DuckDBConnection } from '@duckdb/node-api';
import type { Load, TextRow, WarehouseQuery } from '@pipelines/pipeline';
import { parametersOf } from './query-parameters.ts';

/** The whole answer of a query whose columns are text. */
export async function readQuery(
  connection: DuckDBConnection,
  load: Pick<Load, 'pipeline'>,
  query: WarehouseQuery,
): Promise<readonly TextRow[]> {
  const statement = await connection.prepare(query.sql);
  try {
    statement.bind(parametersOf(statement, query, load));
    return (await statement.runAndReadAll()).getRowObjectsJson() as unknown as TextRow[];
  } finally {
    statement.destroySync();
  }
}

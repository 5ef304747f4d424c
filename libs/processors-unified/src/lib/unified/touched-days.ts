import type { DescribedTable, ReadWarehouse, UtcDate } from '@pipelines/pipeline';
import type { SourceTable } from '../sources/source-mapping.ts';
import type { SqlDialect } from '../sql/sql-dialect.ts';

/** A table that is read, as the warehouse has it. */
export interface FoundTable {
  readonly source: SourceTable;
  readonly found: DescribedTable;
}

/** The days of which a source has a row that was loaded after the instant, ISO 8601. */
export async function touchedDays(
  sql: SqlDialect,
  tables: readonly FoundTable[],
  loadedAfter: string,
  read: ReadWarehouse,
): Promise<readonly UtcDate[]> {
  if (tables.length === 0) return [];
  const since = `CAST(${sql.parameter('loaded_after')} AS TIMESTAMP)`;
  const loaded = tables.map(
    ({ source, found }) => `SELECT ${source.day} AS day FROM ${found.sqlName} WHERE _loaded_at > ${since}`,
  );
  const days = await read({
    sql: `SELECT DISTINCT CAST(day AS ${sql.type('STRING')}) AS day FROM (${loaded.join(' UNION ALL ')}) AS loaded`,
    parameters: { loaded_after: loadedAfter },
  });
  return days.map(({ day }) => day!);
}

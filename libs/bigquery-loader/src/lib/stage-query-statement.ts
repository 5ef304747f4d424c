import type { Load } from '@pipelines/pipeline';
import { quoteColumn, quoteTable, stagingTable } from './table-names.ts';

/**
 * The statement that stages a query's rows. An INSERT rather than a destination table: it keeps REQUIRED columns and
 * refuses a FLOAT64 where an exact decimal is declared.
 */
export function stageQueryStatement(projectId: string, load: Load, sql: string): string {
  const columns = load.schema.columns.map(({ name }) => quoteColumn(name)).join(', ');
  const staging = quoteTable(projectId, load, stagingTable(load));
  // The line break closes a comment that the query may end with.
  return `INSERT INTO ${staging} (${columns})\nSELECT ${columns} FROM (\n${sql.replace(/[;\s]+$/, '')}\n)`;
}

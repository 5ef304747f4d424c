import type { Load, TakeRows, Warehouse } from '@pipelines/pipeline';
import type { FocusVersion } from '../focus/focus-columns.ts';
import { requireTable } from '../unified/require-table.ts';
import { daysQuery, exportQuery } from './export-query.ts';

/**
 * Hands over the charges of a unified table as texts, with exactly the columns of a version, day by day, so that each
 * partition is read once, and no more of it is in memory than a batch.
 * @throws PipelineError `source_not_found` when the unified pipeline has not run.
 */
export async function exportFocus(
  warehouse: Warehouse,
  access: Load,
  version: FocusVersion,
  take: TakeRows,
): Promise<void> {
  const { sqlName } = await requireTable(warehouse, access, access.target.table);
  const { engine } = warehouse;
  const days = await warehouse.read(access, { sql: daysQuery(engine, sqlName), parameters: {} });
  for (const { day } of days) {
    const sql = exportQuery(version, engine, sqlName, day!);
    await warehouse.readInBatches(access, { sql, parameters: {} }, take);
  }
}

import { addDays, type Load, type TextRow, type Warehouse } from '@pipelines/pipeline';
import type { FocusVersion } from '../focus/focus-columns.ts';
import { viewOf } from '../unified/focus-unified.schema.ts';
import { requireTable } from '../unified/require-table.ts';
import { exportQuery } from './export-query.ts';

/**
 * Reads the charges of a dataset as texts, with exactly the columns of a version, and with the memory of one day's.
 * @throws PipelineError `source_not_found` when the unified pipeline has not run.
 */
export async function* exportFocus(
  warehouse: Warehouse,
  access: Load,
  version: FocusVersion,
): AsyncGenerator<readonly TextRow[]> {
  const view = await requireTable(warehouse, access, viewOf(version));
  const days = await warehouse.read(access, {
    sql: `SELECT DISTINCT CAST(CAST(ChargePeriodStart AS DATE) AS STRING) AS day FROM ${view.sqlName} ORDER BY day`,
    parameters: {},
  });
  for (const { day } of days) {
    const window = { start: day!, end: addDays(day!, 1) };
    const sql = exportQuery(version, warehouse.engine, view.sqlName, window);
    yield await warehouse.read(access, { sql, parameters: {} });
  }
}

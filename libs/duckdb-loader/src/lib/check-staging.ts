import type { DuckDBConnection } from '@duckdb/node-api';
import { plainDecimal, type Load, type MoneyTotal, type StagedTotals } from '@pipelines/pipeline';
import { quoteName } from './sql-names.ts';
import { STAGED_ROWS } from './stage-rows.ts';

/** Counts and sums the staging table. A null amount adds nothing. */
export async function checkStaging(connection: DuckDBConnection, load: Load): Promise<StagedTotals> {
  const { windowColumn, money = [] } = load.schema;
  const inside =
    windowColumn === undefined
      ? 'true'
      : `${quoteName(windowColumn)} >= $start AND ${quoteName(windowColumn)} < $end`;
  const counted = await connection.runAndReadAll(
    `SELECT count(*), count(*) FILTER (WHERE (${inside}) IS NOT TRUE) FROM ${STAGED_ROWS}`,
    windowColumn === undefined ? undefined : { ...load.window },
  );
  const [rows, rowsOutsideWindow] = counted.getRowsJS()[0] as [bigint, bigint];

  const totals: MoneyTotal[] = [];
  for (const { amount, currency } of money) {
    const summed = await connection.runAndReadAll(
      `SELECT ${quoteName(currency)}, CAST(sum(${quoteName(amount)}) AS VARCHAR) FROM ${STAGED_ROWS}
       WHERE ${quoteName(amount)} IS NOT NULL GROUP BY 1 ORDER BY 1`,
    );
    for (const [name, sum] of summed.getRowsJS() as [string, string][]) {
      totals.push({ column: amount, currency: name, sum: plainDecimal(sum) });
    }
  }
  return { rows: Number(rows), money: totals, rowsOutsideWindow: Number(rowsOutsideWindow) };
}

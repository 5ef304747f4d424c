import type { DuckDBConnection } from '@duckdb/node-api';
import { plainDecimal, type Load, type MoneyTotal, type StagedTotals } from '@pipelines/pipeline';
import { quoteName, windowPredicate } from './sql-names.ts';

/**
 * Counts the load's rows in a table, and sums their money per currency. A null amount adds nothing.
 * @param table Quoted name.
 * @param condition Which rows are the load's.
 */
export async function sumRows(
  connection: DuckDBConnection,
  load: Load,
  table: string,
  condition: string,
): Promise<StagedTotals> {
  const counted = await connection.runAndReadAll(
    `SELECT count(*), count(*) FILTER (WHERE (${windowPredicate(load)}) IS NOT TRUE) FROM ${table} WHERE ${condition}`,
  );
  const [rows, rowsOutsideWindow] = counted.getRowsJS()[0] as [bigint, bigint];
  const money: MoneyTotal[] = [];
  for (const { amount, currency } of load.schema.money ?? []) {
    const summed = await connection.runAndReadAll(
      `SELECT ${quoteName(currency)}, CAST(sum(${quoteName(amount)}) AS VARCHAR) FROM ${table}
       WHERE ${condition} AND ${quoteName(amount)} IS NOT NULL GROUP BY 1 ORDER BY 1`,
    );
    for (const [name, sum] of summed.getRowsJS() as [string, string][]) {
      money.push({ column: amount, currency: name, sum: plainDecimal(sum) });
    }
  }
  return { rows: Number(rows), money, rowsOutsideWindow: Number(rowsOutsideWindow) };
}

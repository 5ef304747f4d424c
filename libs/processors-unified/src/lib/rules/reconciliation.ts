import type { DescribedTable } from '@pipelines/pipeline';
import type { SourceMapping } from '../sources/source-mapping.ts';
import type { SqlDialect } from '../sql/sql-dialect.ts';

/**
 * SELECT of how many days and currencies of a source the unified table tells otherwise: other rows, or another sum in any
 * digit.
 * @param table Name of the source table.
 * @param source The source table; what the unified table tells of one that is gone differs, too.
 */
export function reconciliation(
  sql: SqlDialect,
  { costs, money }: SourceMapping,
  table: string,
  source: DescribedTable | undefined,
  unified: DescribedTable,
): string {
  const decimal = (value: string): string => `CAST(${value} AS ${sql.type('BIGNUMERIC')})`;
  const told = `SELECT x_ChargeDate AS day, BillingCurrency AS currency, ${decimal('0')} AS source_cost,
    BilledCost AS unified_cost, 0 AS source_rows, 1 AS unified_rows
  FROM ${unified.sqlName} WHERE x_SourceTable = '${table}'`;
  const loaded =
    source &&
    `SELECT ${costs.day}, ${money.currency}, ${decimal(money.amount)}, ${decimal('0')}, 1, 0 FROM ${source.sqlName}`;
  return `SELECT COUNT(*) FROM (
  SELECT day, currency FROM (${[told, loaded].filter((part) => part !== undefined).join('\n  UNION ALL ')}) AS both_sides
  GROUP BY day, currency
  HAVING SUM(source_cost) <> SUM(unified_cost) OR SUM(source_rows) <> SUM(unified_rows)) AS different`;
}

import type { RunWindow, WarehouseEngine } from '@pipelines/pipeline';
import { focusColumns, type FocusColumn, type FocusVersion } from '../focus/focus-columns.ts';
import { dialectOf } from '../sql/dialect-of.ts';
import { plainDecimalText } from '../sql/plain-decimal.ts';
import type { SqlDialect } from '../sql/sql-dialect.ts';

/**
 * SELECT of the charges that begin in a window of days, with a version's columns as FOCUS writes values into texts:
 * instants as `2026-11-01T00:00:00Z`, decimals with a point and without padding, JSON serialised. A decimal always has a
 * fraction digit, because readers that guess types take a column of `12` for integers.
 */
export function exportQuery(
  version: FocusVersion,
  engine: WarehouseEngine,
  relation: string,
  { start, end }: RunWindow,
): string {
  const sql = dialectOf(engine);
  const columns = focusColumns(version).map(
    (column) => `${textOf(sql, column)} AS ${sql.quote(column.name)}`,
  );
  return `SELECT ${columns.join(', ')} FROM ${relation}
  WHERE ChargePeriodStart >= CAST('${start}' AS TIMESTAMP) AND ChargePeriodStart < CAST('${end}' AS TIMESTAMP)`;
}

function textOf(sql: SqlDialect, { name, type }: FocusColumn): string {
  switch (type) {
    case 'DateTime':
      return sql.instantText(name);
    case 'Decimal':
      return decimalText(sql, name);
    case 'Json':
    case 'KeyValue':
      return `CASE WHEN ${name} IS NOT NULL THEN ${sql.jsonText(name)} END`;
    case 'String':
      return name;
  }
}

function decimalText(sql: SqlDialect, name: string): string {
  const plain = plainDecimalText(sql, name);
  return `CASE WHEN STRPOS(${plain}, '.') > 0 THEN ${plain} ELSE (${plain}) || '.0' END`;
}

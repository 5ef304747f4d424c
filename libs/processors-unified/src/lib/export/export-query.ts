import type { UtcDate, WarehouseEngine } from '@pipelines/pipeline';
import { focusColumns, type FocusColumn, type FocusVersion } from '../focus/focus-columns.ts';
import { dialectOf } from '../sql/dialect-of.ts';
import { plainDecimalText } from '../sql/plain-decimal.ts';
import type { SqlDialect } from '../sql/sql-dialect.ts';

/** SELECT of the days that a unified table has charges of, in order. */
export function daysQuery(engine: WarehouseEngine, table: string): string {
  const text = dialectOf(engine).type('STRING');
  return `SELECT DISTINCT CAST(x_ChargeDate AS ${text}) AS day FROM ${table} ORDER BY day`;
}

/**
 * SELECT of the charges of a day, which is a partition of the unified table, with a version's columns as FOCUS writes
 * values into texts: instants as `2026-11-01T00:00:00Z`, decimals with a point and without padding, JSON serialised. A
 * decimal always has a fraction digit, because readers that guess types take a column of `12` for integers.
 */
export function exportQuery(
  version: FocusVersion,
  engine: WarehouseEngine,
  table: string,
  day: UtcDate,
): string {
  const sql = dialectOf(engine);
  const columns = focusColumns(version).map(
    (column) => `${textOf(sql, column)} AS ${sql.quote(column.name)}`,
  );
  return `SELECT ${columns.join(', ')} FROM ${table} WHERE x_ChargeDate = DATE '${day}'`;
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

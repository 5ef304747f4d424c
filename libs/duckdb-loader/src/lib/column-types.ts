import type { Column, ColumnType, DecimalSizes } from '@pipelines/pipeline';
import { quoteName } from './sql-names.ts';

/** DuckDB's decimals have 38 digits in all: 20 before the point leave 18 after it for BIGNUMERIC. */
export const DECIMAL_SIZES: DecimalSizes = {
  NUMERIC: { precision: 38, scale: 9 },
  BIGNUMERIC: { precision: 38, scale: 18 },
};

const TYPES: Readonly<Record<ColumnType, string>> = {
  STRING: 'VARCHAR',
  INT64: 'BIGINT',
  NUMERIC: 'DECIMAL(38,9)',
  BIGNUMERIC: 'DECIMAL(38,18)',
  BOOL: 'BOOLEAN',
  DATE: 'DATE',
  // Without time zone: it holds the UTC time, and reads the same in every session.
  TIMESTAMP: 'TIMESTAMP',
  JSON: 'JSON',
};

/** DuckDB's name of a column type, as its catalog spells it. */
export function duckdbType(type: ColumnType): string {
  return TYPES[type];
}

/** The columns of a CREATE TABLE. */
export function columnDefinitions(columns: readonly Column[]): string {
  return columns
    .map(
      ({ name, type, mode }) => `${quoteName(name)} ${TYPES[type]}${mode === 'REQUIRED' ? ' NOT NULL' : ''}`,
    )
    .join(', ');
}

import { SQL_TYPES, type Column, type DecimalSizes, type ScalarType } from '@pipelines/pipeline';
import { quoteName } from './sql-names.ts';

/** What `SQL_TYPES` declares. */
export const DECIMAL_SIZES: DecimalSizes = {
  NUMERIC: { precision: 38, scale: 9 },
  BIGNUMERIC: { precision: 38, scale: 18 },
};

/** DuckDB's type of single values. */
export function scalarType(type: ScalarType): string {
  return SQL_TYPES.duckdb[type];
}

/** DuckDB's type of a column, as its catalog spells it but for the quotes around names. */
export function duckdbType({ type, mode, fields = [] }: Column): string {
  const single =
    type === 'STRUCT'
      ? `STRUCT(${fields.map((field) => `${quoteName(field.name)} ${duckdbType(field)}`).join(', ')})`
      : scalarType(type);
  return mode === 'REPEATED' ? `${single}[]` : single;
}

/** A type without the quotes around names, which the catalog sets where it must: our own names need none. */
export function comparableType(type: string): string {
  return type.replaceAll('"', '');
}

/** The columns of a CREATE TABLE. Rows that are older than an array hold an empty one, as they do in BigQuery. */
export function columnDefinitions(columns: readonly Column[]): string {
  const suffixes = { NULLABLE: '', REQUIRED: ' NOT NULL', REPEATED: ' DEFAULT []' };
  return columns
    .map((column) => `${quoteName(column.name)} ${duckdbType(column)}${suffixes[column.mode ?? 'NULLABLE']}`)
    .join(', ');
}

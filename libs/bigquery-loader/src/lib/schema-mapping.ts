import type { TableField } from '@google-cloud/bigquery';
import {
  LINEAGE_COLUMNS,
  type Column,
  type ColumnType,
  type DecimalSizes,
  type ExistingColumn,
} from '@pipelines/pipeline';

/** BigQuery's BIGNUMERIC has a partial 39th digit before the point, which we do not use. */
export const DECIMAL_SIZES: DecimalSizes = {
  NUMERIC: { precision: 38, scale: 9 },
  BIGNUMERIC: { precision: 76, scale: 38 },
};

/** `tables.get` answers with the older names, whatever a table was created with. */
const TYPES: Readonly<Record<ColumnType, string>> = {
  STRING: 'STRING',
  INT64: 'INTEGER',
  NUMERIC: 'NUMERIC',
  BIGNUMERIC: 'BIGNUMERIC',
  BOOL: 'BOOLEAN',
  DATE: 'DATE',
  TIMESTAMP: 'TIMESTAMP',
  JSON: 'JSON',
  STRUCT: 'RECORD',
};

/** Newer names that it takes, and may answer with, too. */
const OLDER_NAMES: Readonly<Record<string, string>> = { INT64: 'INTEGER', BOOL: 'BOOLEAN', STRUCT: 'RECORD' };

/** The whole type of a column, for comparison. */
export function bigQueryType(column: Column): string {
  return typeOfField(toField(column));
}

/** The API's fields of the columns. */
export function toFields(columns: readonly Column[]): TableField[] {
  return columns.map(toField);
}

function toField({ name, type, mode = 'NULLABLE', fields, description }: Column): TableField {
  return { name, type: TYPES[type], mode, ...(fields && { fields: toFields(fields) }), description };
}

/** The columns of a target table: the declared ones and the lineage. */
export function targetColumns(columns: readonly Column[]): readonly Column[] {
  return [...columns, ...LINEAGE_COLUMNS];
}

/** Fields of an existing table, for comparison. A repeated field is a type of its own. */
export function toExistingColumns(fields: readonly TableField[]): ExistingColumn[] {
  return fields.map((field) => ({
    name: field.name!,
    type: typeOfField(field),
    required: field.mode === 'REQUIRED',
  }));
}

function typeOfField({ type, mode, fields = [] }: TableField): string {
  const name = OLDER_NAMES[type!] ?? type!;
  const members = fields.map(
    (field) => `${field.name} ${typeOfField(field)}${field.mode === 'REQUIRED' ? ' NOT NULL' : ''}`,
  );
  const single = name === 'RECORD' ? `STRUCT<${members.join(', ')}>` : name;
  return mode === 'REPEATED' ? `ARRAY<${single}>` : single;
}

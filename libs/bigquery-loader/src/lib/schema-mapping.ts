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
};

/** The API's name of a column type. */
export function bigQueryType(type: ColumnType): string {
  return TYPES[type];
}

/** The API's fields of the columns. */
export function toFields(columns: readonly Column[]): TableField[] {
  return columns.map(({ name, type, mode = 'NULLABLE', description }) => ({
    name,
    type: TYPES[type],
    mode,
    description,
  }));
}

/** The columns of a target table: the declared ones and the lineage. */
export function targetColumns(columns: readonly Column[]): readonly Column[] {
  return [...columns, ...LINEAGE_COLUMNS];
}

/** Fields of an existing table, for comparison. A repeated field is a type of its own. */
export function toExistingColumns(fields: readonly TableField[]): ExistingColumn[] {
  return fields.map(({ name, type, mode }) => {
    const plainType = type === 'INT64' ? 'INTEGER' : type === 'BOOL' ? 'BOOLEAN' : String(type);
    return {
      name: name!,
      type: mode === 'REPEATED' ? `ARRAY<${plainType}>` : plainType,
      required: mode === 'REQUIRED',
    };
  });
}

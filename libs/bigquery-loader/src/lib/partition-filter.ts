import type { TableField, TableMetadata } from '@google-cloud/bigquery';
import { quoteColumn } from './table-names.ts';

/** A condition that every row of a table fulfils. */
export type EveryRow = (prefix?: string) => string;

/**
 * The condition that a table with `requirePartitionFilter` needs of a query of all its rows: on the bare partition column,
 * against constants. Undefined where a query needs none.
 */
export function everyRow(table: TableMetadata): EveryRow | undefined {
  const { timePartitioning, requirePartitionFilter } = table;
  const required = requirePartitionFilter ?? timePartitioning?.requirePartitionFilter;
  if (!timePartitioning || !required) return undefined;
  const { field } = timePartitioning;
  if (field === undefined) return (prefix = '') => `${prefix}_PARTITIONTIME >= TIMESTAMP '1970-01-01'`;
  const column = fieldsOf(table).find(({ name }) => name!.toLowerCase() === field.toLowerCase());
  return (prefix = '') => {
    const name = prefix + quoteColumn(field);
    // Rows without a day lie in a partition of their own. "IS NULL OR IS NOT NULL" would be no filter.
    return column?.mode === 'REQUIRED'
      ? `${name} IS NOT NULL`
      : `(${name} IS NULL OR ${name} >= ${column?.type ?? 'DATE'} '0001-01-01')`;
  };
}

/**
 * What queries read a table by: its name or, where they need a condition, the rows that fulfil it, which are all. The day
 * of ingestion is no column of those, so that a table which is partitioned by it goes by its name.
 */
export function readableTable(quoted: string, table: TableMetadata): string {
  const condition = everyRow(table);
  if (!condition || table.timePartitioning?.field === undefined) return quoted;
  const columns = fieldsOf(table).map(({ name }) => quoteColumn(name!));
  return `(SELECT ${columns.join(', ')} FROM ${quoted} WHERE ${condition()})`;
}

function fieldsOf({ schema }: TableMetadata): TableField[] {
  return (schema as { fields?: TableField[] } | undefined)?.fields ?? [];
}

import type { Column } from '@pipelines/pipeline';
import type { ArrayElement, ExportColumns } from './export-columns.ts';
import type { SqlDialect } from './sql-dialect.ts';

/** What the text of a query over an export is made from. */
export interface ExportSelection {
  /** Quoted name. */
  readonly table: string;
  /** `expression AS name`, one for each column that is taken over. */
  readonly columns: readonly string[];
  readonly condition: string;
}

/**
 * The expressions of the columns whose path is known, each in the column's type.
 * @param paths By name of the column.
 * @param element Where the paths begin, when not with the row.
 */
export function selectColumns(
  columns: readonly Column[],
  paths: Readonly<Record<string, string>>,
  source: ExportColumns,
  dialect: SqlDialect,
  element?: ArrayElement,
): string[] {
  return columns.flatMap((column) => {
    const path = paths[column.name];
    return path === undefined
      ? []
      : [`${source.value(path, column, element)} AS ${dialect.field(column.name)}`];
  });
}

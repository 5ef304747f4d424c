import { parseUtcDate, type Load } from '@pipelines/pipeline';
import { quoteColumn } from './table-names.ts';

/**
 * The window as a predicate of constants: BigQuery prunes partitions by nothing else. All rows of a table without
 * window column lie inside.
 */
export function windowPredicate({ schema, window }: Load, prefix = ''): string {
  if (schema.windowColumn === undefined) return 'TRUE';
  const day = prefix + quoteColumn(schema.windowColumn);
  return `${day} >= ${dateLiteral(window.start)} AND ${day} < ${dateLiteral(window.end)}`;
}

function dateLiteral(date: string): string {
  return `DATE '${parseUtcDate(date, 'window')}'`;
}

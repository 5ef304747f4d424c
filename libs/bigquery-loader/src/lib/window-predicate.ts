import { inSpans, type SpannedLoad } from '@pipelines/pipeline';
import type { EveryRow } from './partition-filter.ts';
import { quoteColumn } from './table-names.ts';

/** A load to commit, and what its target requires of every statement. */
export type CommittedLoad = SpannedLoad & { readonly everyRow?: EveryRow };

/** Whether a row lies inside the load's window or spans; every row of a table without window column does. */
export function windowPredicate({ schema, window, spans = [window] }: SpannedLoad, prefix = ''): string {
  if (schema.windowColumn === undefined) return 'TRUE';
  return inSpans(prefix + quoteColumn(schema.windowColumn), spans);
}

/**
 * Whether a row was written by the load's pipeline, which changes no other rows of the table; with the filter that the
 * table requires, if any. As a literal, because DDL may refuse parameters.
 */
export function ownRows({ pipeline, everyRow }: CommittedLoad, prefix = ''): string {
  const own = `${prefix}_pipeline = '${pipeline}'`;
  return everyRow ? `${own} AND ${everyRow(prefix)}` : own;
}

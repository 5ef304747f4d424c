import { inSpans, type Load, type SpannedLoad } from '@pipelines/pipeline';
import { quoteColumn } from './table-names.ts';

/** Whether a row lies inside the load's window or spans; every row of a table without window column does. */
export function windowPredicate({ schema, window, spans = [window] }: SpannedLoad, prefix = ''): string {
  if (schema.windowColumn === undefined) return 'TRUE';
  return inSpans(prefix + quoteColumn(schema.windowColumn), spans);
}

/**
 * Whether a row was written by the load's pipeline, which changes no other rows of the table. As a literal, because DDL may
 * refuse parameters.
 */
export function ownRows({ pipeline }: Load, prefix = ''): string {
  return `${prefix}_pipeline = '${pipeline}'`;
}

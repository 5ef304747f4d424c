import { inSpans, type SpannedLoad } from '@pipelines/pipeline';
import { quoteColumn } from './table-names.ts';

/** Whether a row lies inside the load's window or spans; every row of a table without window column does. */
export function windowPredicate({ schema, window, spans = [window] }: SpannedLoad, prefix = ''): string {
  if (schema.windowColumn === undefined) return 'TRUE';
  return inSpans(prefix + quoteColumn(schema.windowColumn), spans);
}

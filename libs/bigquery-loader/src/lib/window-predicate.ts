import { parseUtcDate, type Load, type LoadProof } from '@pipelines/pipeline';
import { quoteColumn } from './table-names.ts';

/** A load with the days that its commit replaces, where these are not the window's alone. */
export type SpannedLoad = Load & Pick<LoadProof, 'spans'>;

/**
 * The window, or the spans, as a predicate of constants: BigQuery prunes partitions by nothing else. All rows of a table
 * without window column lie inside.
 */
export function windowPredicate({ schema, window, spans = [window] }: SpannedLoad, prefix = ''): string {
  if (schema.windowColumn === undefined) return 'TRUE';
  const day = prefix + quoteColumn(schema.windowColumn);
  const inSpan = spans.map(
    ({ start, end }) => `${day} >= ${dateLiteral(start)} AND ${day} < ${dateLiteral(end)}`,
  );
  return inSpan.length === 1 ? inSpan[0]! : `(${inSpan.join(' OR ')})`;
}

function dateLiteral(date: string): string {
  return `DATE '${parseUtcDate(date, 'window')}'`;
}

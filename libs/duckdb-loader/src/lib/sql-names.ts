import { inSpans, type Load, type SpannedLoad } from '@pipelines/pipeline';

/** Quotes a name, so that a reserved word may name a column. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Quotes a text as an SQL literal, where DuckDB takes no parameter. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** The target table of a load, qualified. */
export function targetName({ target }: Load): string {
  return `${quoteName(target.dataset)}.${quoteName(target.table)}`;
}

/** Whether a row lies inside the load's window or spans; every row of a table without window column does. */
export function windowPredicate({ schema, window, spans = [window] }: SpannedLoad): string {
  if (schema.windowColumn === undefined) return 'true';
  return inSpans(quoteName(schema.windowColumn), spans);
}

/** Whether a row was written by the load's pipeline, which changes no other rows of the table. */
export function ownRows({ pipeline }: Load, prefix = ''): string {
  return `${prefix}_pipeline = ${quoteText(pipeline)}`;
}

/** A comma-separated list of quoted names. */
export function nameList(names: readonly string[], prefix = ''): string {
  return names.map((name) => prefix + quoteName(name)).join(', ');
}

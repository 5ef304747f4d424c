import { RowFitter, type Column, type FittedValue, type Load, type Row } from '@pipelines/pipeline';
import { DECIMAL_SIZES } from './schema-mapping.ts';

/**
 * Encodes batches as newline-delimited JSON, one text per batch. Decimals and INT64 travel as strings, which BigQuery
 * reads exactly; null values are left out.
 * @throws PipelineError `schema_mismatch` for a row that does not fit.
 */
export async function* toNdjson(
  { schema, target, signal }: Load,
  batches: AsyncIterable<readonly Row[]>,
): AsyncGenerator<string> {
  const fitter = new RowFitter(target.table, schema.columns, DECIMAL_SIZES);
  for await (const batch of batches) {
    signal.throwIfAborted();
    const lines = batch.map((row) => `${toLine(schema.columns, fitter.fit(row))}\n`);
    if (lines.length > 0) yield lines.join('');
  }
  signal.throwIfAborted();
}

function toLine(columns: readonly Column[], values: readonly FittedValue[]): string {
  const members: string[] = [];
  columns.forEach(({ name, type }, index) => {
    const value = values[index]!;
    if (value === null) return;
    members.push(`"${name}":${type === 'JSON' ? onOneLine(String(value)) : encode(value)}`);
  });
  return `{${members.join(',')}}`;
}

function encode(value: string | bigint | boolean): string {
  return typeof value === 'bigint' ? `"${value}"` : JSON.stringify(value);
}

/** Line breaks in JSON lie between its tokens only; parsing and printing it again could round its numbers. */
function onOneLine(json: string): string {
  return json.replace(/[\r\n]+/g, ' ');
}

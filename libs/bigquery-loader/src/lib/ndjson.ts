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
    const lines = batch.map((row) => `${toObject(schema.columns, fitter.fit(row))}\n`);
    if (lines.length > 0) yield lines.join('');
  }
  signal.throwIfAborted();
}

/** An object of the columns: a row, or a STRUCT. */
function toObject(columns: readonly Column[], values: readonly FittedValue[]): string {
  const members: string[] = [];
  columns.forEach((column, index) => {
    const value = values[index]!;
    if (value !== null) members.push(`"${column.name}":${toMember(column, value)}`);
  });
  return `{${members.join(',')}}`;
}

function toMember(column: Column, value: NonNullable<FittedValue>): string {
  if (column.mode !== 'REPEATED') return toValue(column, value);
  const elements = value as readonly NonNullable<FittedValue>[];
  return `[${elements.map((element) => toValue(column, element)).join(',')}]`;
}

function toValue({ type, fields = [] }: Column, value: NonNullable<FittedValue>): string {
  if (type === 'STRUCT') return toObject(fields, value as readonly FittedValue[]);
  if (type === 'JSON') return onOneLine(String(value));
  return typeof value === 'bigint' ? `"${value}"` : JSON.stringify(value);
}

/** Line breaks in JSON lie between its tokens only; parsing and printing it again could round its numbers. */
function onOneLine(json: string): string {
  return json.replace(/[\r\n]+/g, ' ');
}

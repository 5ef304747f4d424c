import type { BigQuery, Table, TableField, TableMetadata } from '@google-cloud/bigquery';
import { plainDecimal } from '@pipelines/pipeline';
import type { RowText } from '@pipelines/pipeline/testing';
import { hasStatus } from '../lib/bigquery.errors.ts';

/** The API's form of a value: a text, or the like of an array or a struct. */
type Wire = string | null | readonly Cell[] | WireRow;

interface Cell {
  readonly v: Wire;
}

interface WireRow {
  readonly f: readonly Cell[];
}

type Texts = string | null | readonly Texts[] | { readonly [field: string]: Texts };

/**
 * Reads a whole table as text: BigQuery turns single values into it, and what is inside arrays and structs is read as
 * the API tells it, because the client gets timestamps before 1970 wrong by a second.
 */
export async function readTable(
  client: BigQuery,
  dataset: string,
  name: string,
): Promise<readonly RowText[]> {
  const fields = await fieldsOf(client.dataset(dataset).table(name));
  if (!fields) return [];
  const columns = fields.map((field) => `${asText(field)} AS \`${field.name}\``);
  const query = `SELECT ${columns.join(', ')} FROM \`${dataset}.${name}\``;
  const [rows] = await client.query({ query, skipParsing: true });
  return (rows as WireRow[]).map(({ f: cells }) =>
    Object.fromEntries(fields.map((field, index) => [field.name!, textOf(field, cells[index]!.v)])),
  );
}

/** Undefined when there is no such table. */
async function fieldsOf(table: Table): Promise<TableField[] | undefined> {
  try {
    const [{ schema }] = (await table.getMetadata()) as [TableMetadata, unknown];
    return (schema as { fields: TableField[] }).fields;
  } catch (error) {
    if (hasStatus(error, 404)) return undefined;
    throw error;
  }
}

function asText(field: TableField): string {
  const { name, type } = field;
  if (isNested(field)) return `\`${name}\``;
  if (type === 'TIMESTAMP') return `FORMAT_TIMESTAMP('%Y-%m-%dT%H:%M:%E6SZ', \`${name}\`)`;
  // TO_JSON_STRING of null is a text, too.
  return type === 'JSON'
    ? `IF(\`${name}\` IS NULL, NULL, TO_JSON_STRING(\`${name}\`))`
    : `CAST(\`${name}\` AS STRING)`;
}

function textOf(field: TableField, value: Wire): string | null {
  if (isNested(field)) return value === null ? null : JSON.stringify(textsOf(field, value));
  return value !== null && field.type!.endsWith('NUMERIC')
    ? plainDecimal(value as string)
    : (value as string);
}

function isNested({ type, mode }: TableField): boolean {
  return mode === 'REPEATED' || type === 'RECORD';
}

function textsOf(field: TableField, value: Wire): Texts {
  if (value === null) return null;
  const { type, mode, fields = [] } = field;
  if (mode === 'REPEATED') {
    return (value as readonly Cell[]).map(({ v }) => textsOf({ ...field, mode: 'NULLABLE' }, v));
  }
  if (type !== 'RECORD') return scalarText(type!, value as string);
  const { f: cells } = value as WireRow;
  return Object.fromEntries(fields.map((member, index) => [member.name!, textsOf(member, cells[index]!.v)]));
}

function scalarText(type: string, text: string): string {
  if (type.endsWith('NUMERIC')) return plainDecimal(text);
  return type === 'TIMESTAMP' ? instantText(BigInt(text)) : text;
}

function instantText(microseconds: bigint): string {
  const fraction = ((microseconds % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const seconds = new Date(Number((microseconds - fraction) / 1_000n))
    .toISOString()
    .slice(0, -'.000Z'.length);
  return `${seconds}.${String(fraction).padStart(6, '0')}Z`;
}

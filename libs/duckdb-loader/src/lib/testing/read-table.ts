import { DuckDBInstance, DuckDBListType, DuckDBStructType, type DuckDBType } from '@duckdb/node-api';
import { plainDecimal } from '@pipelines/pipeline';
import type { RowText } from '@pipelines/pipeline/testing';
import { onceFree } from '../once-free.ts';

type Texts = string | null | readonly Texts[] | { readonly [field: string]: Texts };

const LOCK_WAIT_MS = 10_000;

/** Reads a whole table as text, once nobody has the file attached. */
export async function readTable(path: string, dataset: string, table: string): Promise<readonly RowText[]> {
  const instance = await onceFree(() => DuckDBInstance.fromCache(path), LOCK_WAIT_MS, undefined);
  const connection = await instance.connect();
  try {
    const exists = await connection.runAndReadAll(
      'SELECT 1 FROM information_schema.tables WHERE table_schema = $dataset AND table_name = $table',
      { dataset, table },
    );
    if (exists.currentRowCount === 0) return [];
    const result = await connection.runAndReadAll(`FROM "${dataset}"."${table}"`);
    const types = result.columnTypes();
    const names = result.columnNames();
    return result
      .getRowsJson()
      .map((row) =>
        Object.fromEntries(row.map((value, index) => [names[index]!, textOf(types[index]!, value)])),
      );
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

function textOf(type: DuckDBType, value: unknown): string | null {
  const text = textsOf(type, value);
  return typeof text === 'string' || text === null ? text : JSON.stringify(text);
}

function textsOf(type: DuckDBType, value: unknown): Texts {
  if (value === null) return null;
  if (type instanceof DuckDBListType) {
    return (value as unknown[]).map((element) => textsOf(type.valueType, element));
  }
  if (!(type instanceof DuckDBStructType)) return scalarText(String(type), String(value));
  return Object.fromEntries(
    type.entryNames.map((name, index) => [
      name,
      textsOf(type.entryTypes[index]!, (value as Record<string, unknown>)[name]),
    ]),
  );
}

function scalarText(type: string, text: string): string {
  if (type.startsWith('DECIMAL')) return plainDecimal(text);
  if (type !== 'TIMESTAMP') return text;
  const [instant, fraction = ''] = text.replace(' ', 'T').split('.') as [string, string?];
  return `${instant}.${fraction.padEnd(6, '0')}Z`;
}

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toNdjsonText, type QueryHarness, type SourceField } from '@pipelines/pipeline/testing';
import { scalarType } from '../lib/column-types.ts';
import { Duckdb } from '../lib/duckdb.ts';
import { DuckdbFile } from '../lib/duckdb-file.ts';
import { DuckdbWarehouse } from '../lib/duckdb.warehouse.ts';
import { quoteName, quoteText } from '../lib/sql-names.ts';
import { readTable } from '../lib/testing/read-table.ts';

const LOCK_WAIT_MS = 10_000;

/** A warehouse in a file of its own, and ways to look into the file. */
export async function startDuckdbHarness(): Promise<QueryHarness> {
  const directory = await mkdtemp(join(tmpdir(), 'duckdb-warehouse-'));
  const path = join(directory, 'warehouse.duckdb');
  const duckdb = new Duckdb(directory);
  const warehouse = new DuckdbWarehouse({ path });
  const file = new DuckdbFile(duckdb, path, 'sources', LOCK_WAIT_MS);
  return {
    warehouse,
    read: (dataset, table) => readTable(path, dataset, table),
    createSource: async (dataset, source) => {
      const rows = join(directory, `${source.table}.json`);
      await writeFile(rows, toNdjsonText(source));
      const table = `${quoteName(dataset)}.${quoteName(source.table)}`;
      await file.use(async (connection) => {
        await connection.run(`CREATE SCHEMA IF NOT EXISTS ${quoteName(dataset)}`);
        await connection.run(`CREATE TABLE ${table} (${source.fields.map(definition).join(', ')})`);
        await connection.run(`COPY ${table} FROM ${quoteText(rows)} (FORMAT json)`);
      });
    },
    close: async () => {
      await duckdb.close();
      await warehouse.onApplicationShutdown();
      await rm(directory, { recursive: true });
    },
  };
}

function definition({ name, type, repeated, fields = [] }: SourceField): string {
  return `${quoteName(name)} ${typeOf(type, fields)}${repeated ? '[]' : ''}`;
}

function typeOf(type: SourceField['type'], fields: readonly SourceField[]): string {
  if (type === 'STRUCT') return `STRUCT(${fields.map(definition).join(', ')})`;
  return type === 'FLOAT64' ? 'DOUBLE' : scalarType(type);
}

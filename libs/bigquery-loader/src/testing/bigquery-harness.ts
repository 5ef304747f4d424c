import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BigQuery, Table, TableField, TableMetadata } from '@google-cloud/bigquery';
import { plainDecimal } from '@pipelines/pipeline';
import {
  toNdjsonText,
  type QueryHarness,
  type RowText,
  type SourceField,
  type SourceTable,
} from '@pipelines/pipeline/testing';
import { createBigQueryClient } from '../lib/bigquery-client.factory.ts';
import { hasStatus } from '../lib/bigquery.errors.ts';
import { BigQueryWarehouse } from '../lib/bigquery.warehouse.ts';
import { startBigQueryEmulator } from './start-emulator.ts';

/** A warehouse on an emulator of its own, and a client that looks into it. */
export async function startBigQueryHarness(): Promise<QueryHarness> {
  const emulator = await startBigQueryEmulator();
  const options = { projectId: 'test-project', location: 'US', apiEndpoint: emulator.url, pollIntervalMs: 2 };
  const client = await createBigQueryClient(options);
  return {
    warehouse: new BigQueryWarehouse(options),
    read: (dataset, table) => readTable(client, dataset, table),
    createSource: (dataset, source) => createSource(client, dataset, source),
    close: () => emulator.stop(),
  };
}

async function readTable(client: BigQuery, dataset: string, name: string): Promise<readonly RowText[]> {
  const fields = await fieldsOf(client.dataset(dataset).table(name));
  if (!fields) return [];
  const columns = fields.map((field) => `${asText(field)} AS \`${field.name}\``);
  const [rows] = await client.query(`SELECT ${columns.join(', ')} FROM \`${dataset}.${name}\``);
  return (rows as RowText[]).map((row) =>
    Object.fromEntries(
      fields.map(({ name, type }) => {
        const value = row[name!]!;
        return [name!, type!.endsWith('NUMERIC') && value !== null ? plainDecimal(value) : value];
      }),
    ),
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

function asText({ name, type }: TableField): string {
  if (type === 'TIMESTAMP') return `FORMAT_TIMESTAMP('%Y-%m-%dT%H:%M:%E6SZ', \`${name}\`)`;
  // TO_JSON_STRING of null is a text, too.
  return type === 'JSON'
    ? `IF(\`${name}\` IS NULL, NULL, TO_JSON_STRING(\`${name}\`))`
    : `CAST(\`${name}\` AS STRING)`;
}

async function createSource(client: BigQuery, dataset: string, source: SourceTable): Promise<void> {
  const [made] = await client.dataset(dataset).exists();
  if (!made) await client.createDataset(dataset, { location: 'US' });
  const [table] = await client.dataset(dataset).createTable(source.table, {
    schema: { fields: source.fields.map(toField) },
  });
  const directory = await mkdtemp(join(tmpdir(), 'bigquery-source-'));
  try {
    const file = join(directory, 'rows.json');
    await writeFile(file, toNdjsonText(source));
    await table.load(file, { sourceFormat: 'NEWLINE_DELIMITED_JSON' });
  } finally {
    await rm(directory, { recursive: true });
  }
}

function toField({ name, type, repeated, fields }: SourceField): TableField {
  const mode = repeated ? 'REPEATED' : 'NULLABLE';
  return { name, type: type === 'STRUCT' ? 'RECORD' : type, mode, fields: fields?.map(toField) };
}

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BigQuery, TableField, TableMetadata } from '@google-cloud/bigquery';
import {
  toNdjsonText,
  type QueryHarness,
  type SourceField,
  type SourceTable,
} from '@pipelines/pipeline/testing';
import { createBigQueryClient } from '../lib/bigquery-client.factory.ts';
import { BigQueryWarehouse } from '../lib/bigquery.warehouse.ts';
import { readTable } from './read-table.ts';
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

async function createSource(client: BigQuery, dataset: string, source: SourceTable): Promise<void> {
  const [made] = await client.dataset(dataset).exists();
  if (!made) await client.createDataset(dataset, { location: 'US' });
  const [table] = await client.dataset(dataset).createTable(source.table, {
    schema: { fields: source.fields.map(toField) },
    ...partitioningOf(source),
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

/** Columns by which tables that a pipeline has loaded are partitioned. */
const LOADED_DAYS: readonly string[] = ['usage_date', 'pricing_date'];

/**
 * Loads partition by the day, Google its exports by that of ingestion; both require a filter here, so that no query of
 * ours can do without.
 */
function partitioningOf({ fields }: SourceTable): TableMetadata {
  const names = fields.map(({ name }) => name);
  const field = names.find((name) => LOADED_DAYS.includes(name));
  if (field === undefined && !names.includes('export_time')) return {};
  return { timePartitioning: { type: 'DAY', field }, requirePartitionFilter: true };
}

function toField({ name, type, repeated, fields }: SourceField): TableField {
  const mode = repeated ? 'REPEATED' : 'NULLABLE';
  return { name, type: type === 'STRUCT' ? 'RECORD' : type, mode, fields: fields?.map(toField) };
}

import type { TableField, TableMetadata } from '@google-cloud/bigquery';
import {
  PipelineError,
  type DescribedColumn,
  type DescribedTable,
  type TableReference,
} from '@pipelines/pipeline';
import { hasStatus, toPipelineError } from './bigquery.errors.ts';
import { readableTable } from './partition-filter.ts';
import type { Connection } from './connections.ts';

/** Names go into statements, between backticks. */
const NAMES = { project: /^[a-z0-9.:-]{1,64}$/, dataset: /^\w{1,1024}$/, table: /^[\w-]{1,1024}$/ } as const;

/**
 * A table as `tables.get` tells it, which is free of charge, or undefined when there is none.
 * @throws PipelineError `source_location_mismatch`, `warehouse_rejected` or `warehouse_unavailable`;
 * `configuration_invalid` for a name that no table has.
 */
export async function describeTable(
  { client, project: ownProject, location }: Pick<Connection, 'client' | 'project' | 'location'>,
  reference: TableReference,
): Promise<DescribedTable | undefined> {
  const { project = ownProject, dataset, table } = reference;
  assertNames({ project, dataset, table });
  const name = `${project}.${dataset}.${table}`;
  const metadata = await metadataOf(client.dataset(dataset, { projectId: project }).table(table), name);
  if (metadata === undefined) return undefined;
  const { schema, timePartitioning, location: found } = metadata as TableMetadata & { location?: string };
  if (found !== undefined && found.toLowerCase() !== location.toLowerCase()) {
    throw new PipelineError(
      'source_location_mismatch',
      `Table ${name} lies in ${found}, but the organization loads into ${location}, and no query reads from one location into another. Give the organization a warehouse in ${found}, or copy the dataset to ${location} (BigQuery Data Transfer: dataset copy) and name the copy.`,
      { facts: { table: name, source_location: found, target_location: location } },
    );
  }
  const fields = (schema as { fields?: TableField[] } | undefined)?.fields ?? [];
  const columns = fields.flatMap((field) => columnsOf(field));
  return {
    reference,
    sqlName: readableTable(`\`${name}\``, metadata),
    columns: isPartitionedByIngestion(timePartitioning) ? [...columns, INGESTION_COLUMN] : columns,
    location: found,
  };
}

/** What every table has that is partitioned by the time of ingestion. */
const INGESTION_COLUMN: DescribedColumn = { path: '_PARTITIONTIME', type: 'TIMESTAMP', repeated: false };

function isPartitionedByIngestion(partitioning: TableMetadata['timePartitioning']): boolean {
  return partitioning !== undefined && partitioning.field === undefined;
}

async function metadataOf(
  table: { getMetadata(): Promise<readonly unknown[]> },
  name: string,
): Promise<TableMetadata | undefined> {
  try {
    return (await table.getMetadata())[0] as TableMetadata;
  } catch (error) {
    if (hasStatus(error, 404)) return undefined;
    if (!hasStatus(error, 403)) throw toPipelineError(error);
    throw new PipelineError(
      'warehouse_rejected',
      `BigQuery refuses to tell of ${name}. Grant the service account roles/bigquery.dataViewer on the table or its dataset.`,
      { cause: error, facts: { table: name } },
    );
  }
}

function columnsOf({ name, type, mode, fields = [] }: TableField, prefix = ''): DescribedColumn[] {
  const path = prefix + name!;
  return [
    { path, type: type!, repeated: mode === 'REPEATED' },
    ...fields.flatMap((field) => columnsOf(field, `${path}.`)),
  ];
}

function assertNames(names: Record<keyof typeof NAMES, string>): void {
  for (const part of ['project', 'dataset', 'table'] as const) {
    if (NAMES[part].test(names[part])) continue;
    throw new PipelineError(
      'configuration_invalid',
      `"${names[part]}" is not the name of a ${part} of BigQuery.`,
      {
        facts: { [part]: names[part] },
      },
    );
  }
}

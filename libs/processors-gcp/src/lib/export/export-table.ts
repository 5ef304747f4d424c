import {
  PipelineError,
  type DescribedTable,
  type TableReference,
  type WarehouseEngine,
} from '@pipelines/pipeline';
import { EXPORT_TABLE } from '../export-table-name.ts';
import { BIGQUERY } from './bigquery-dialect.ts';
import { DUCKDB } from './duckdb-dialect.ts';
import type { GcpSecret } from '../gcp.secret.ts';
import type { SqlDialect } from './sql-dialect.ts';

/** Fields of the secret that name a table of the organization. */
export type ExportField = 'billing_export_table' | 'pricing_export_table';

/**
 * The table that the organization stored with its credential, in the project of the service account when it names none.
 * @throws PipelineError `configuration_invalid` when the credential names none.
 */
export function exportTable(secret: GcpSecret, field: ExportField): TableReference {
  const {
    project = secret.project_id,
    dataset,
    table,
  } = EXPORT_TABLE.exec(secret[field] ?? '')?.groups ?? {};
  if (dataset !== undefined && table !== undefined) return { project, dataset, table };
  throw new PipelineError(
    'configuration_invalid',
    `The gcp credential does not say which table to read. Store it again with "${field}": "project.dataset.table" beside the fields of the key.`,
    { facts: { field } },
  );
}

/**
 * The table as the warehouse has found it. All organizations share a DuckDB warehouse, and each may read from datasets
 * of its own name alone; in BigQuery, the rights of its own service account decide.
 * @throws PipelineError `source_not_found` or `configuration_invalid`.
 */
export function requireExport(
  reference: TableReference,
  found: DescribedTable | undefined,
  {
    org,
    engine,
    advice,
  }: { readonly org: string; readonly engine: WarehouseEngine; readonly advice: string },
): DescribedTable {
  const { project, dataset, table } = reference;
  if (engine === 'duckdb' && dataset.slice(0, dataset.lastIndexOf('_')) !== org) {
    throw new PipelineError(
      'configuration_invalid',
      `In a DuckDB warehouse ${org} reads exports from datasets called ${org}_… alone, not from ${dataset}.`,
      { facts: { dataset } },
    );
  }
  if (found) return found;
  const name = engine === 'duckdb' ? `${dataset}.${table}` : `${project}.${dataset}.${table}`;
  throw new PipelineError('source_not_found', `There is no table ${name}. ${advice}`, {
    facts: { table: name },
  });
}

/** The dialect of the warehouse. */
export function dialectOf(engine: WarehouseEngine): SqlDialect {
  return engine === 'bigquery' ? BIGQUERY : DUCKDB;
}

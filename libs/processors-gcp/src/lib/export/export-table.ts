import {
  PipelineError,
  type DescribedTable,
  type TableReference,
  type WarehouseEngine,
} from '@pipelines/pipeline';
import { EXPORT_TABLE, tableNames } from '../export-table-name.ts';
import { BIGQUERY } from './bigquery-dialect.ts';
import { DUCKDB } from './duckdb-dialect.ts';
import type { GcpSecret } from '../gcp.secret.ts';
import type { SqlDialect } from './sql-dialect.ts';

/** Fields of the secret that name a table of the organization. */
export type ExportField = 'billing_export_table' | 'pricing_export_table';

/**
 * The tables that the organization stored with its credential, in the project of the service account where they name none.
 * @throws PipelineError `configuration_invalid` when the credential names none, or one twice.
 */
export function exportTables(secret: GcpSecret, field: ExportField): readonly TableReference[] {
  const references = tableNames(secret[field]).map((name): TableReference => {
    const { project = secret.project_id, dataset = '', table = '' } = EXPORT_TABLE.exec(name)?.groups ?? {};
    return { project, dataset, table };
  });
  const problem =
    references.length === 0
      ? 'does not say which table to read'
      : references.some((one, index) => references.findIndex((other) => isSame(one, other)) !== index)
        ? 'names a table twice, which would be counted twice'
        : undefined;
  if (problem === undefined) return references;
  throw new PipelineError(
    'configuration_invalid',
    `The gcp credential ${problem}. Store it again with "${field}": "project.dataset.table" beside the fields of the key, or with a list of tables, one of each billing account.`,
    { facts: { field } },
  );
}

function isSame(one: TableReference, other: TableReference): boolean {
  return one.project === other.project && one.dataset === other.dataset && one.table === other.table;
}

/** The table's name, for people; a DuckDB warehouse has no projects. */
export function exportName({ project, dataset, table }: TableReference, engine: WarehouseEngine): string {
  return engine === 'duckdb' ? `${dataset}.${table}` : `${project}.${dataset}.${table}`;
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
  const { dataset } = reference;
  if (engine === 'duckdb' && dataset.slice(0, dataset.lastIndexOf('_')) !== org) {
    throw new PipelineError(
      'configuration_invalid',
      `In a DuckDB warehouse ${org} reads exports from datasets called ${org}_… alone, not from ${dataset}.`,
      { facts: { dataset } },
    );
  }
  if (found) return found;
  const name = exportName(reference, engine);
  throw new PipelineError('source_not_found', `There is no table ${name}. ${advice}`, {
    facts: { table: name },
  });
}

/** The dialect of the warehouse. */
export function dialectOf(engine: WarehouseEngine): SqlDialect {
  return engine === 'bigquery' ? BIGQUERY : DUCKDB;
}

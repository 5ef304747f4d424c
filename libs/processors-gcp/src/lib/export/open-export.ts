import type { DescribedTable, QueryContext, ReadWarehouse, WarehouseEngine } from '@pipelines/pipeline';
import type { GcpSecret } from '../gcp.secret.ts';
import { ExportColumns } from './export-columns.ts';
import { exportScope } from './export-scope.ts';
import { dialectOf, exportTable, requireExport, type ExportField } from './export-table.ts';
import type { SqlDialect } from './sql-dialect.ts';

/** One of the exports that Cloud Billing fills. */
export interface ExportKind {
  /** What it is, for people: "a billing export". */
  readonly title: string;
  readonly field: ExportField;
  /** What to do when it is not there. */
  readonly advice: string;
  /** Columns without which a table is none. */
  readonly requiredPaths: readonly string[];
  /** Path of the instant whose UTC day a row belongs to. */
  readonly instant: string;
}

/** An export that is there, and what a run reads of it. */
export interface OpenedExport {
  /** Quoted name. */
  readonly table: string;
  readonly dialect: SqlDialect;
  readonly columns: ExportColumns;
  readonly condition: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/**
 * Finds out what a run reads of the organization's export.
 * @throws PipelineError `source_not_found`, `configuration_invalid` or `provider_response_invalid`.
 */
export async function openExport(
  { title, field, advice, requiredPaths, instant }: ExportKind,
  { org, secret, window, watermark, options }: QueryContext<{ readonly since?: string }, GcpSecret>,
  engine: WarehouseEngine,
  found: DescribedTable | undefined,
  read: ReadWarehouse,
): Promise<OpenedExport> {
  const source = requireExport(exportTable(secret.reveal(), field), found, { org, engine, advice });
  const dialect = dialectOf(engine);
  const columns = new ExportColumns(source, dialect);
  columns.require(title, requiredPaths);
  const scope = await exportScope(
    { source, dialect, window, watermark, since: options.since, instant },
    read,
  );
  return { table: source.sqlName, dialect, columns, ...scope };
}

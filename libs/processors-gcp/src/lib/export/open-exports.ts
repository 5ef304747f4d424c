import type {
  DescribedTable,
  PassedOverRows,
  QueryContext,
  ReadWarehouse,
  WarehouseEngine,
} from '@pipelines/pipeline';
import type { GcpSecret } from '../gcp.secret.ts';
import { ExportColumns } from './export-columns.ts';
import type { ExportKind } from './export-kind.ts';
import type { ExportOptions } from './export-options.ts';
import { exportScope } from './export-scope.ts';
import { ExportSource, type ExportPart } from './export-source.ts';
import { dialectOf, exportName, exportTables, requireExport } from './export-table.ts';
import { countIncomplete, type IncompleteRows } from './incomplete-rows.ts';
import { refuseOverlap } from './refuse-overlap.ts';
import type { SqlDialect } from './sql-dialect.ts';

/** The exports that are there, and what a run reads of them. */
export interface OpenedExports {
  readonly dialect: SqlDialect;
  /** One at least. */
  readonly parts: readonly ExportPart[];
  readonly parameters: Readonly<Record<string, string>>;
  /** Rows that no part has, because they lack what a row needs. */
  readonly passedOver: readonly PassedOverRows[];
}

/** Options of which a kind of export may lack the last. */
type ReadOptions = ExportOptions & { readonly incomplete_rows?: IncompleteRows };

/**
 * Finds out what a run reads of the organization's exports.
 * @param found Each of `exportTables`, in that order.
 * @throws PipelineError `source_not_found`, `configuration_invalid` or `incomplete_rows`.
 */
export async function openExports(
  kind: ExportKind,
  { org, secret, window, watermarks, loaded, options }: QueryContext<ReadOptions, GcpSecret>,
  engine: WarehouseEngine,
  found: readonly (DescribedTable | undefined)[],
  read: ReadWarehouse,
): Promise<OpenedExports> {
  const { since, export_lookback_days: lookbackDays, incomplete_rows: holdingMoney = 'refuse' } = options;
  const dialect = dialectOf(engine);
  const sources = exportTables(secret.reveal(), kind.field).map((reference, index) => {
    const table = requireExport(reference, found[index], { org, engine, advice: kind.advice });
    const columns = new ExportColumns(table, dialect);
    columns.require(kind.title, kind.requiredPaths);
    return new ExportSource(exportName(reference, engine), table.sqlName, columns, kind, dialect);
  });
  const { conditions, parameters, appendedFrom } = await exportScope(
    { kind, sources, window, watermarks, loaded, lookbackDays, since },
    read,
  );
  const passedOver = await countIncomplete({ kind, sources, since, appendedFrom, holdingMoney }, read);
  const parts = sources.map(({ table, columns }, index) => ({
    table,
    columns,
    condition: conditions[index]!,
  }));
  await refuseOverlap(parts, sources, parameters, read);
  return { dialect, parts, parameters, passedOver };
}

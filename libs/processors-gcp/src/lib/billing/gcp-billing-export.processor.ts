import {
  Processor,
  type DescribedTable,
  type QueryContext,
  type QueryProcessor,
  type ReadWarehouse,
  type TableReference,
  type TableSchema,
  type WarehouseEngine,
  type WarehouseQuery,
} from '@pipelines/pipeline';
import { ExportColumns } from '../export/export-columns.ts';
import { exportScope } from '../export/export-scope.ts';
import { selectColumns } from '../export/export-selection.ts';
import { dialectOf, exportTable, requireExport } from '../export/export-table.ts';
import type { GcpSecret } from '../gcp.secret.ts';
import { inBigQuery } from './gcp-billing-export.bigquery.ts';
import { inDuckdb } from './gcp-billing-export.duckdb.ts';
import { GcpBillingExportOptions } from './gcp-billing-export.options.ts';
import { BILLING_EXPORT_PATHS, REQUIRED_PATHS } from './gcp-billing-export.paths.ts';
import { GCP_BILLING_COSTS_SCHEMA } from './gcp-billing-export.schema.ts';

const ADVICE =
  'Enable the detailed (or standard) usage cost export of Cloud Billing; its first rows appear within hours. If it has another name, store the gcp credential with the right billing_export_table.';

/**
 * Takes the organization's billing export over, standard or detailed, row by row inside the warehouse: the usage days
 * that the export got rows for since the last run, and those of the window, are read again in full. So a correction or
 * a late row, however late, changes exactly the days that it is about.
 *
 * Facts: Cloud Billing data export to BigQuery, standard and detailed usage cost. The export is append-only, has no row
 * ids, and legal rows that are equal; it is never deduplicated.
 */
@Processor({
  name: 'GcpBillingExportProcessor',
  module: '@pipelines/processors-gcp',
  provider: 'gcp',
  options: GcpBillingExportOptions,
})
export class GcpBillingExportProcessor implements QueryProcessor<GcpBillingExportOptions, GcpSecret> {
  readonly kind = 'query';

  schemaFor(): TableSchema {
    return GCP_BILLING_COSTS_SCHEMA;
  }

  sourcesFor({ secret }: QueryContext<GcpBillingExportOptions, GcpSecret>): readonly TableReference[] {
    return [exportTable(secret.reveal(), 'billing_export_table')];
  }

  async queryFor(
    context: QueryContext<GcpBillingExportOptions, GcpSecret>,
    engine: WarehouseEngine,
    [found]: readonly (DescribedTable | undefined)[],
    read: ReadWarehouse,
  ): Promise<WarehouseQuery> {
    const { org, window, watermark, options } = context;
    const [reference] = this.sourcesFor(context);
    const source = requireExport(reference!, found, { org, engine, advice: ADVICE });
    const dialect = dialectOf(engine);
    const columns = new ExportColumns(source, dialect);
    columns.require('a billing export', REQUIRED_PATHS);
    const { condition, parameters } = await exportScope(
      { source, dialect, window, watermark, since: options.since, instant: 'usage_start_time' },
      read,
    );
    const selection = {
      table: source.sqlName,
      columns: selectColumns(GCP_BILLING_COSTS_SCHEMA.columns, BILLING_EXPORT_PATHS, columns, dialect),
      condition,
    };
    return { sql: engine === 'bigquery' ? inBigQuery(selection) : inDuckdb(selection), parameters };
  }
}

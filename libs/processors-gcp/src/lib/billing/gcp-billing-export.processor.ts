import {
  Processor,
  type DescribedTable,
  type QueryContext,
  type QueryProcessor,
  type ReadWarehouse,
  type StagingQuery,
  type TableReference,
  type TableSchema,
  type WarehouseEngine,
} from '@pipelines/pipeline';
import { selectColumns } from '../export/export-selection.ts';
import { exportTable } from '../export/export-table.ts';
import { openExport, type ExportKind } from '../export/open-export.ts';
import type { GcpSecret } from '../gcp.secret.ts';
import { billingControl } from './gcp-billing-export.control.ts';
import { inBigQuery } from './gcp-billing-export.bigquery.ts';
import { inDuckdb } from './gcp-billing-export.duckdb.ts';
import { GcpBillingExportOptions } from './gcp-billing-export.options.ts';
import { BILLING_EXPORT_PATHS, REQUIRED_PATHS } from './gcp-billing-export.paths.ts';
import { GCP_BILLING_COSTS_SCHEMA } from './gcp-billing-export.schema.ts';

const EXPORT: ExportKind = {
  title: 'a billing export',
  field: 'billing_export_table',
  advice:
    'Enable the detailed (or standard) usage cost export of Cloud Billing; its first rows appear within hours. If it has another name, store the gcp credential with the right billing_export_table.',
  requiredPaths: REQUIRED_PATHS,
  instant: 'usage_start_time',
};

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

  schemaFor({ since }: GcpBillingExportOptions): TableSchema {
    return { ...GCP_BILLING_COSTS_SCHEMA, firstDay: since };
  }

  sourcesFor({ secret }: QueryContext<GcpBillingExportOptions, GcpSecret>): readonly TableReference[] {
    return [exportTable(secret.reveal(), EXPORT.field)];
  }

  async queryFor(
    context: QueryContext<GcpBillingExportOptions, GcpSecret>,
    engine: WarehouseEngine,
    [found]: readonly (DescribedTable | undefined)[],
    read: ReadWarehouse,
  ): Promise<StagingQuery> {
    const opened = await openExport(EXPORT, context, engine, found, read);
    const { table, dialect, columns, condition, parameters } = opened;
    const selection = {
      table,
      columns: selectColumns(GCP_BILLING_COSTS_SCHEMA.columns, BILLING_EXPORT_PATHS, columns, dialect),
      condition,
    };
    return {
      sql: engine === 'bigquery' ? inBigQuery(selection) : inDuckdb(selection),
      parameters,
      control: billingControl(opened),
    };
  }
}

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
import { exportTables } from '../export/export-table.ts';
import { openExports } from '../export/open-exports.ts';
import type { GcpSecret } from '../gcp.secret.ts';
import { billingControl } from './gcp-billing-export.control.ts';
import { inBigQuery } from './gcp-billing-export.bigquery.ts';
import { inDuckdb } from './gcp-billing-export.duckdb.ts';
import { GcpBillingExportOptions } from './gcp-billing-export.options.ts';
import { BILLING_EXPORT } from './gcp-billing-export.kind.ts';
import { BILLING_EXPORT_PATHS } from './gcp-billing-export.paths.ts';
import { GCP_BILLING_COSTS_SCHEMA } from './gcp-billing-export.schema.ts';

/**
 * Takes the organization's billing exports over, standard or detailed, row by row inside the warehouse: the usage days
 * that the exports got rows for since the last run, and those of the window, are read again in full. So a correction or
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

  schemaFor({ since }: Pick<GcpBillingExportOptions, 'since'>): TableSchema {
    return { ...GCP_BILLING_COSTS_SCHEMA, firstDay: since };
  }

  sourcesFor({ secret }: QueryContext<GcpBillingExportOptions, GcpSecret>): readonly TableReference[] {
    return exportTables(secret.reveal(), BILLING_EXPORT.field);
  }

  async queryFor(
    context: QueryContext<GcpBillingExportOptions, GcpSecret>,
    engine: WarehouseEngine,
    found: readonly (DescribedTable | undefined)[],
    read: ReadWarehouse,
  ): Promise<StagingQuery> {
    const opened = await openExports(BILLING_EXPORT, context, engine, found, read);
    const { parts, dialect, parameters, passedOver } = opened;
    const selections = parts.map(({ table, columns, condition }) => ({
      table,
      columns: selectColumns(GCP_BILLING_COSTS_SCHEMA.columns, BILLING_EXPORT_PATHS, columns, dialect),
      condition,
    }));
    return {
      sql: engine === 'bigquery' ? inBigQuery(selections) : inDuckdb(selections),
      parameters,
      control: billingControl(opened),
      passedOver,
    };
  }
}

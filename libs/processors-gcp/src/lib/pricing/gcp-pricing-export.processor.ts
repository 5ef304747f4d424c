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
import { exportTable } from '../export/export-table.ts';
import { openExport, type ExportKind } from '../export/open-export.ts';
import type { GcpSecret } from '../gcp.secret.ts';
import { inBigQuery } from './gcp-pricing-export.bigquery.ts';
import { inDuckdb } from './gcp-pricing-export.duckdb.ts';
import { GcpPricingExportOptions } from './gcp-pricing-export.options.ts';
import { REQUIRED_PATHS } from './gcp-pricing-export.paths.ts';
import { GCP_PRICES_SCHEMA } from './gcp-pricing-export.schema.ts';
import { priceSelections } from './price-selection.ts';

const EXPORT: ExportKind = {
  title: 'a pricing export',
  field: 'pricing_export_table',
  advice:
    'Enable the pricing export of Cloud Billing; its first rows appear within two days. If it has another name, store the gcp credential with the right pricing_export_table.',
  requiredPaths: REQUIRED_PATHS,
  instant: 'pricing_as_of_time',
};

/**
 * Takes the organization's pricing export over: list prices and the prices of its contract, one row per tier. The days
 * that the export got prices for since the last run, and those of the window, are read again in full.
 *
 * Facts: Cloud Billing pricing export to BigQuery, a snapshot of all prices per day.
 */
@Processor({
  name: 'GcpPricingExportProcessor',
  module: '@pipelines/processors-gcp',
  provider: 'gcp',
  options: GcpPricingExportOptions,
})
export class GcpPricingExportProcessor implements QueryProcessor<GcpPricingExportOptions, GcpSecret> {
  readonly kind = 'query';

  schemaFor({ since }: GcpPricingExportOptions): TableSchema {
    return { ...GCP_PRICES_SCHEMA, firstDay: since };
  }

  sourcesFor({ secret }: QueryContext<GcpPricingExportOptions, GcpSecret>): readonly TableReference[] {
    return [exportTable(secret.reveal(), EXPORT.field)];
  }

  async queryFor(
    context: QueryContext<GcpPricingExportOptions, GcpSecret>,
    engine: WarehouseEngine,
    [found]: readonly (DescribedTable | undefined)[],
    read: ReadWarehouse,
  ): Promise<WarehouseQuery> {
    const { dialect, columns, parameters, ...from } = await openExport(EXPORT, context, engine, found, read);
    const selections = priceSelections(columns, dialect, from);
    return { sql: engine === 'bigquery' ? inBigQuery(selections) : inDuckdb(selections), parameters };
  }
}

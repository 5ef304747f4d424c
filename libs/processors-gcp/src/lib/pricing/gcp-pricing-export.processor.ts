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
import { dialectOf, exportTable, requireExport } from '../export/export-table.ts';
import type { GcpSecret } from '../gcp.secret.ts';
import { inBigQuery } from './gcp-pricing-export.bigquery.ts';
import { inDuckdb } from './gcp-pricing-export.duckdb.ts';
import { GcpPricingExportOptions } from './gcp-pricing-export.options.ts';
import { REQUIRED_PATHS } from './gcp-pricing-export.paths.ts';
import { GCP_PRICES_SCHEMA } from './gcp-pricing-export.schema.ts';
import { priceSelections } from './price-selection.ts';

const ADVICE =
  'Enable the pricing export of Cloud Billing; its first rows appear within two days. If it has another name, store the gcp credential with the right pricing_export_table.';

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

  schemaFor(): TableSchema {
    return GCP_PRICES_SCHEMA;
  }

  sourcesFor({ secret }: QueryContext<GcpPricingExportOptions, GcpSecret>): readonly TableReference[] {
    return [exportTable(secret.reveal(), 'pricing_export_table')];
  }

  async queryFor(
    context: QueryContext<GcpPricingExportOptions, GcpSecret>,
    engine: WarehouseEngine,
    [found]: readonly (DescribedTable | undefined)[],
    read: ReadWarehouse,
  ): Promise<WarehouseQuery> {
    const { org, window, watermark, options } = context;
    const [reference] = this.sourcesFor(context);
    const source = requireExport(reference!, found, { org, engine, advice: ADVICE });
    const dialect = dialectOf(engine);
    const columns = new ExportColumns(source, dialect);
    columns.require('a pricing export', REQUIRED_PATHS);
    const { condition, parameters } = await exportScope(
      { source, dialect, window, watermark, since: options.since, instant: 'pricing_as_of_time' },
      read,
    );
    const selections = priceSelections(columns, dialect, { table: source.sqlName, condition });
    return { sql: engine === 'bigquery' ? inBigQuery(selections) : inDuckdb(selections), parameters };
  }
}

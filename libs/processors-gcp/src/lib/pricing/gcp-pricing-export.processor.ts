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
import { exportTables } from '../export/export-table.ts';
import { openExports } from '../export/open-exports.ts';
import type { GcpSecret } from '../gcp.secret.ts';
import { inBigQuery } from './gcp-pricing-export.bigquery.ts';
import { inDuckdb } from './gcp-pricing-export.duckdb.ts';
import { GcpPricingExportOptions } from './gcp-pricing-export.options.ts';
import { PRICING_EXPORT } from './gcp-pricing-export.kind.ts';
import { GCP_PRICES_SCHEMA } from './gcp-pricing-export.schema.ts';
import { priceSelections } from './price-selection.ts';

/**
 * Takes the organization's pricing exports over: list prices and the prices of its contract, one row per tier. The days
 * that the exports got prices for since the last run, and those of the window, are read again in full.
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

  schemaFor({ since }: Pick<GcpPricingExportOptions, 'since'>): TableSchema {
    return { ...GCP_PRICES_SCHEMA, firstDay: since };
  }

  sourcesFor({ secret }: QueryContext<GcpPricingExportOptions, GcpSecret>): readonly TableReference[] {
    return exportTables(secret.reveal(), PRICING_EXPORT.field);
  }

  async queryFor(
    context: QueryContext<GcpPricingExportOptions, GcpSecret>,
    engine: WarehouseEngine,
    found: readonly (DescribedTable | undefined)[],
    read: ReadWarehouse,
  ): Promise<StagingQuery> {
    const opened = await openExports(PRICING_EXPORT, context, engine, found, read);
    const { parts, dialect, parameters, passedOver } = opened;
    const selections = parts.flatMap(({ columns, ...from }) => priceSelections(columns, dialect, from));
    return {
      sql: engine === 'bigquery' ? inBigQuery(selections) : inDuckdb(selections),
      parameters,
      passedOver,
    };
  }
}

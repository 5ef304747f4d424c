import { someText, someValue, type ExportKind } from '../export/export-kind.ts';
import { REQUIRED_PATHS } from './gcp-pricing-export.paths.ts';

/** Pricing exports. */
export const PRICING_EXPORT: ExportKind = {
  title: 'a pricing export',
  field: 'pricing_export_table',
  advice:
    'Enable the pricing export of Cloud Billing; its first rows appear within two days. If it has another name, store the gcp credential with the right pricing_export_table.',
  requiredPaths: REQUIRED_PATHS,
  instant: 'pricing_as_of_time',
  day: 'pricing_date',
  requirements: [
    someValue('pricing_as_of_time'),
    someValue('export_time'),
    someText('sku.id'),
    someText('account_currency_code'),
  ],
  // A row of the export makes as many rows as it has prices, so that SKUs are what can be counted on both sides; one without
  // a price makes the day count as changed for as long as the look-back sees it.
  measure: {
    exported: 'sku.id',
    loaded: 'sku_id',
    of: (sku, { cast }) => cast(`COUNT(DISTINCT ${sku})`, 'STRING'),
  },
};

import type { TableSchema } from '@pipelines/pipeline';

/** The table `gcp_prices`: the customer's prices per day, one row per SKU, kind of price and tier. */
export const GCP_PRICES_SCHEMA: TableSchema = {
  description:
    "Google Cloud list prices and the organization's own, one row per day, SKU, kind of price and tier of the pricing export",
  columns: [
    { name: 'pricing_date', type: 'DATE', mode: 'REQUIRED', description: 'UTC day that the prices are of' },
    {
      name: 'price_kind',
      type: 'STRING',
      mode: 'REQUIRED',
      description: 'list (public) or account (what the billing account pays)',
    },
    { name: 'pricing_as_of_time', type: 'TIMESTAMP', mode: 'REQUIRED', description: 'When the prices held' },
    {
      name: 'export_time',
      type: 'TIMESTAMP',
      mode: 'REQUIRED',
      description: 'When Google appended the prices to the export',
    },
    { name: 'billing_account_id', type: 'STRING', description: 'Billing account' },
    { name: 'business_entity_name', type: 'STRING', description: 'GCP or Maps' },
    { name: 'service_id', type: 'STRING', description: 'Service, such as 6F81-5844-456A' },
    { name: 'service_description', type: 'STRING', description: 'Name of the service' },
    { name: 'sku_id', type: 'STRING', mode: 'REQUIRED', description: 'SKU, such as 0012-B7F2-DD14' },
    { name: 'sku_description', type: 'STRING', description: 'What is sold' },
    { name: 'product_taxonomy', type: 'STRING', mode: 'REPEATED', description: 'From broad to narrow' },
    { name: 'geo_type', type: 'STRING', description: 'GLOBAL, REGIONAL or MULTI_REGIONAL' },
    { name: 'regions', type: 'STRING', mode: 'REPEATED', description: 'Regions where it is sold' },
    { name: 'pricing_unit', type: 'STRING', description: 'Unit of the price, such as GiBy.mo' },
    { name: 'pricing_unit_description', type: 'STRING', description: 'The unit in words' },
    {
      name: 'currency',
      type: 'STRING',
      mode: 'REQUIRED',
      description: 'ISO 4217 code of the billing account, of account_currency_amount',
    },
    {
      name: 'currency_conversion_rate',
      type: 'BIGNUMERIC',
      description: 'Units of the currency for one USD',
    },
    {
      name: 'consumption_model_id',
      type: 'STRING',
      description: 'Consumption model of the price; null for the default',
    },
    { name: 'consumption_model_name', type: 'STRING', description: 'Name of the consumption model' },
    {
      name: 'price_reason',
      type: 'STRING',
      description: 'Of an account price: FIXED_DISCOUNT, FLOATING_DISCOUNT, …',
    },
    { name: 'discount_percent', type: 'BIGNUMERIC', description: 'Of an account price: percent off' },
    { name: 'aggregation_level', type: 'STRING', description: 'ACCOUNT or PROJECT, over which tiers count' },
    { name: 'aggregation_interval', type: 'STRING', description: 'ONE_DAY or ONE_MONTH' },
    {
      name: 'pricing_unit_quantity',
      type: 'BIGNUMERIC',
      description: 'Pricing units that the price is for',
    },
    {
      name: 'tier_start_amount',
      type: 'BIGNUMERIC',
      description: 'Pricing units from which the tier applies, per aggregation interval',
    },
    { name: 'usd_amount', type: 'BIGNUMERIC', description: 'Price in USD' },
    { name: 'account_currency_amount', type: 'BIGNUMERIC', description: 'Price in the currency' },
  ],
  windowColumn: 'pricing_date',
  watermarkColumn: 'export_time',
  watermarkBy: 'billing_account_id',
  money: [{ amount: 'account_currency_amount', currency: 'currency' }],
};

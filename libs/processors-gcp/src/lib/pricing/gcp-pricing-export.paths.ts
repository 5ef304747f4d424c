/** Where in a pricing export the columns of `gcp_prices` come from that every price of a row shares. */
export const PRICING_EXPORT_PATHS: Readonly<Record<string, string>> = {
  pricing_as_of_time: 'pricing_as_of_time',
  export_time: 'export_time',
  billing_account_id: 'billing_account_id',
  business_entity_name: 'business_entity_name',
  service_id: 'service.id',
  service_description: 'service.description',
  sku_id: 'sku.id',
  sku_description: 'sku.description',
  product_taxonomy: 'product_taxonomy',
  geo_type: 'geo_taxonomy.type',
  regions: 'geo_taxonomy.regions',
  pricing_unit: 'pricing_unit',
  pricing_unit_description: 'pricing_unit_description',
  currency: 'account_currency_code',
  currency_conversion_rate: 'currency_conversion_rate',
};

/** Below a price: `list_price` or `billing_account_price`. */
export const PRICE_PATHS: Readonly<Record<string, string>> = {
  price_reason: 'price_info.price_reason',
  discount_percent: 'price_info.discount_percent',
  aggregation_level: 'aggregation_info.aggregation_level',
  aggregation_interval: 'aggregation_info.aggregation_interval',
};

/** Below one of a price's `tiered_rates`. */
export const TIER_PATHS: Readonly<Record<string, string>> = {
  pricing_unit_quantity: 'pricing_unit_quantity',
  tier_start_amount: 'start_usage_amount',
  usd_amount: 'usd_amount',
  account_currency_amount: 'account_currency_amount',
};

/** Below one of `consumption_model_prices`. */
export const MODEL_PATHS: Readonly<Record<string, string>> = {
  consumption_model_id: 'consumption_model_id',
  consumption_model_name: 'consumption_model_display_name',
};

/** Without these a table is no pricing export. */
export const REQUIRED_PATHS = [
  'account_currency_code',
  'export_time',
  'list_price.tiered_rates.account_currency_amount',
  'pricing_as_of_time',
  'sku.id',
];

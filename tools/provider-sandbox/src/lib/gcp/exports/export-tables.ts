import { accountTable } from './billing-account.ts';

const KEY_VALUE = 'STRUCT("key" VARCHAR, "value" VARCHAR)[]';

/** Columns that every usage cost export has. */
const STANDARD: Readonly<Record<string, string>> = {
  billing_account_id: 'VARCHAR',
  invoice: 'STRUCT("month" VARCHAR)',
  cost_type: 'VARCHAR',
  service: 'STRUCT(id VARCHAR, description VARCHAR)',
  sku: 'STRUCT(id VARCHAR, description VARCHAR)',
  usage_start_time: 'TIMESTAMP',
  usage_end_time: 'TIMESTAMP',
  project:
    'STRUCT(id VARCHAR, "number" VARCHAR, "name" VARCHAR, ancestry_numbers VARCHAR, ancestors STRUCT(resource_name VARCHAR, display_name VARCHAR)[], labels STRUCT("key" VARCHAR, "value" VARCHAR)[])',
  labels: KEY_VALUE,
  system_labels: KEY_VALUE,
  location: 'STRUCT("location" VARCHAR, country VARCHAR, region VARCHAR, "zone" VARCHAR)',
  cost: 'DOUBLE',
  currency: 'VARCHAR',
  currency_conversion_rate: 'DOUBLE',
  usage: 'STRUCT(amount DOUBLE, unit VARCHAR, amount_in_pricing_units DOUBLE, pricing_unit VARCHAR)',
  credits: 'STRUCT("name" VARCHAR, amount DOUBLE)[]',
  adjustment_info: 'STRUCT(id VARCHAR, description VARCHAR, "mode" VARCHAR, "type" VARCHAR)',
  export_time: 'TIMESTAMP',
};

/** What a detailed export of today has beside, or more of. */
const DETAILED: Readonly<Record<string, string>> = {
  ...STANDARD,
  invoice: 'STRUCT("month" VARCHAR, publisher_type VARCHAR)',
  credits: 'STRUCT("name" VARCHAR, amount DOUBLE, full_name VARCHAR, id VARCHAR, "type" VARCHAR)[]',
  tags: 'STRUCT("key" VARCHAR, "value" VARCHAR, inherited BOOLEAN, "namespace" VARCHAR)[]',
  cost_at_list: 'DOUBLE',
  transaction_type: 'VARCHAR',
  seller_name: 'VARCHAR',
  price:
    'STRUCT(list_price DECIMAL(38,9), effective_price_default DECIMAL(38,9), list_price_consumption_model DECIMAL(38,9), effective_price DECIMAL(38,9), tier_start_amount DECIMAL(38,9), unit VARCHAR, pricing_unit_quantity DECIMAL(38,9))',
  cost_at_effective_price_default: 'DECIMAL(38,9)',
  cost_at_list_consumption_model: 'DECIMAL(38,9)',
  consumption_model: 'STRUCT(id VARCHAR, description VARCHAR)',
  resource: 'STRUCT("name" VARCHAR, global_name VARCHAR)',
  subscription: 'STRUCT(instance_id VARCHAR)',
};

const RATES =
  'STRUCT(pricing_unit_quantity DOUBLE, start_usage_amount DOUBLE, usd_amount DECIMAL(38,9), account_currency_amount DECIMAL(38,9))[]';
const AGGREGATION = 'STRUCT(aggregation_level VARCHAR, aggregation_interval VARCHAR)';
const LIST_PRICE = `STRUCT(aggregation_info ${AGGREGATION}, tiered_rates ${RATES})`;
const ACCOUNT_PRICE = `STRUCT(price_info STRUCT(price_reason VARCHAR, discount_percent DECIMAL(38,9)), aggregation_info ${AGGREGATION}, tiered_rates ${RATES})`;

const PRICING: Readonly<Record<string, string>> = {
  export_time: 'TIMESTAMP',
  pricing_as_of_time: 'TIMESTAMP',
  billing_account_id: 'VARCHAR',
  business_entity_name: 'VARCHAR',
  service: 'STRUCT(id VARCHAR, description VARCHAR)',
  sku: 'STRUCT(id VARCHAR, description VARCHAR)',
  product_taxonomy: 'VARCHAR[]',
  geo_taxonomy: 'STRUCT("type" VARCHAR, regions VARCHAR[])',
  pricing_unit: 'VARCHAR',
  pricing_unit_description: 'VARCHAR',
  account_currency_code: 'VARCHAR',
  currency_conversion_rate: 'VARCHAR',
  list_price: LIST_PRICE,
  billing_account_price: ACCOUNT_PRICE,
  consumption_model_prices: `STRUCT(consumption_model_id VARCHAR, consumption_model_display_name VARCHAR, list_price ${LIST_PRICE}, billing_account_price ${ACCOUNT_PRICE})[]`,
};

/** A table of an export: its name, and its columns with DuckDB's types. */
export interface ExportTable {
  readonly name: string;
  readonly columns: Readonly<Record<string, string>>;
}

/** The tables that Google fills in the dataset that a customer chooses. */
export const EXPORT_TABLES = {
  detailed: { name: accountTable('gcp_billing_export_resource_v1'), columns: DETAILED },
  /** From years ago: it lacks what was added since. */
  standard: { name: accountTable('gcp_billing_export_v1'), columns: STANDARD },
  pricing: { name: 'cloud_pricing_export', columns: PRICING },
} as const satisfies Record<string, ExportTable>;

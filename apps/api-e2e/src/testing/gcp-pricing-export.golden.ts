import { LeftOut, Secret, type Watermarks } from '@pipelines/pipeline';
import type { QueryGolden, RowText, SourceField } from '@pipelines/pipeline/testing';
import { GcpPricingExportProcessor } from '@pipelines/processors-gcp';

const text = (name: string): SourceField => ({ name, type: 'STRING' });
const AGGREGATION: SourceField = {
  name: 'aggregation_info',
  type: 'STRUCT',
  fields: [text('aggregation_level'), text('aggregation_interval')],
};
const RATES: SourceField = {
  name: 'tiered_rates',
  type: 'STRUCT',
  repeated: true,
  fields: [
    { name: 'pricing_unit_quantity', type: 'FLOAT64' },
    { name: 'start_usage_amount', type: 'FLOAT64' },
    { name: 'usd_amount', type: 'NUMERIC' },
    { name: 'account_currency_amount', type: 'NUMERIC' },
  ],
};
const LIST_PRICE: SourceField = { name: 'list_price', type: 'STRUCT', fields: [AGGREGATION, RATES] };
const ACCOUNT_PRICE: SourceField = {
  name: 'billing_account_price',
  type: 'STRUCT',
  fields: [
    {
      name: 'price_info',
      type: 'STRUCT',
      fields: [text('price_reason'), { name: 'discount_percent', type: 'NUMERIC' }],
    },
    AGGREGATION,
    RATES,
  ],
};
const OLD: readonly SourceField[] = [
  { name: 'export_time', type: 'TIMESTAMP' },
  { name: 'pricing_as_of_time', type: 'TIMESTAMP' },
  text('billing_account_id'),
  { name: 'service', type: 'STRUCT', fields: [text('id'), text('description')] },
  { name: 'sku', type: 'STRUCT', fields: [text('id'), text('description')] },
  { name: 'product_taxonomy', type: 'STRING', repeated: true },
  {
    name: 'geo_taxonomy',
    type: 'STRUCT',
    fields: [text('type'), { name: 'regions', type: 'STRING', repeated: true }],
  },
  text('pricing_unit'),
  text('account_currency_code'),
  text('currency_conversion_rate'),
  LIST_PRICE,
  ACCOUNT_PRICE,
];
const CURRENT: readonly SourceField[] = [
  ...OLD,
  text('business_entity_name'),
  text('pricing_unit_description'),
  {
    name: 'consumption_model_prices',
    type: 'STRUCT',
    repeated: true,
    fields: [text('consumption_model_id'), text('consumption_model_display_name'), LIST_PRICE, ACCOUNT_PRICE],
  },
];

const AGGREGATED = { aggregation_level: 'ACCOUNT', aggregation_interval: 'ONE_MONTH' };
const rate = (start_usage_amount: number, usd_amount: string, account_currency_amount = usd_amount) => ({
  pricing_unit_quantity: 1,
  start_usage_amount,
  usd_amount,
  account_currency_amount,
});
const accountPrice = (price_reason: string, discount_percent: string | null, ...tiered_rates: object[]) => ({
  price_info: { price_reason, discount_percent },
  aggregation_info: AGGREGATED,
  tiered_rates,
});

const ROW = {
  export_time: '2026-11-01T20:15:00.000001Z',
  pricing_as_of_time: '2026-11-01T08:00:00Z',
  billing_account_id: '01AB23-CD45EF-678901',
  service: { id: '95FF-2EF5-5EA1', description: 'Cloud Storage' },
  sku: { id: 'E5F0-6A5D-7BAD', description: 'Standard Storage' },
  product_taxonomy: ['GCP', 'Storage'],
  geo_taxonomy: { type: 'REGIONAL', regions: ['europe-west1'] },
  pricing_unit: 'GiBy.mo',
  account_currency_code: 'EUR',
  currency_conversion_rate: '0.92',
  list_price: { aggregation_info: AGGREGATED, tiered_rates: [rate(0, '0'), rate(5.5, '0.02', '0.0184')] },
  billing_account_price: accountPrice('FIXED_DISCOUNT', '10', rate(0, '0.018', '0.016560001')),
};
const MODELLED = {
  ...ROW,
  business_entity_name: 'GCP',
  pricing_unit_description: 'gibibyte month',
  consumption_model_prices: [
    {
      consumption_model_id: '6E1D-5A9A-2A71',
      consumption_model_display_name: 'Flexible',
      list_price: { aggregation_info: null, tiered_rates: [rate(0, '0.5')] },
      billing_account_price: accountPrice('FLOATING_DISCOUNT', null, rate(0, '0.4', '0.3')),
    },
  ],
};

function price(kind: string, start: string, usd: string, inCurrency: string, change: RowText = {}): RowText {
  return {
    pricing_date: '2026-11-01',
    price_kind: kind,
    pricing_as_of_time: '2026-11-01T08:00:00.000000Z',
    export_time: '2026-11-01T20:15:00.000001Z',
    billing_account_id: '01AB23-CD45EF-678901',
    business_entity_name: null,
    service_id: '95FF-2EF5-5EA1',
    service_description: 'Cloud Storage',
    sku_id: 'E5F0-6A5D-7BAD',
    sku_description: 'Standard Storage',
    product_taxonomy: '["GCP","Storage"]',
    geo_type: 'REGIONAL',
    regions: '["europe-west1"]',
    pricing_unit: 'GiBy.mo',
    pricing_unit_description: null,
    currency: 'EUR',
    currency_conversion_rate: '0.92',
    consumption_model_id: null,
    consumption_model_name: null,
    price_reason: null,
    discount_percent: null,
    aggregation_level: 'ACCOUNT',
    aggregation_interval: 'ONE_MONTH',
    pricing_unit_quantity: '1',
    tier_start_amount: start,
    usd_amount: usd,
    account_currency_amount: inCurrency,
    ...change,
  };
}

const PRICES: readonly RowText[] = [
  price('list', '0', '0', '0'),
  price('list', '5.5', '0.02', '0.0184'),
  price('account', '0', '0.018', '0.016560001', { price_reason: 'FIXED_DISCOUNT', discount_percent: '10' }),
];
const NAMED = { business_entity_name: 'GCP', pricing_unit_description: 'gibibyte month' };
const MODEL = { ...NAMED, consumption_model_id: '6E1D-5A9A-2A71', consumption_model_name: 'Flexible' };

const processor = new GcpPricingExportProcessor();

function golden(
  fields: readonly SourceField[],
  rows: readonly Readonly<Record<string, unknown>>[],
  expected: readonly RowText[],
  watermarks?: Watermarks,
  before: readonly Readonly<Record<string, unknown>>[] = [],
): QueryGolden {
  const window = { start: '2026-11-01', end: '2026-11-02' };
  return {
    schema: processor.schemaFor({}),
    window,
    sources: [
      { table: 'cloud_pricing_export', fields, rows },
      { table: 'loaded_before', fields: LOADED_BEFORE, rows: before },
    ],
    expected,
    query: (engine, dataset, sources, read) =>
      processor.queryFor(
        {
          runId: '0199c0de-0000-7000-8000-000000000001',
          org: 'golden',
          window,
          options: { export_lookback_days: 7 },
          credentialName: 'default',
          writers: [],
          secret: new Secret({
            type: 'service_account' as const,
            project_id: 'test-project',
            private_key_id: '0',
            private_key: '',
            client_email: 'reader@test-project.iam.gserviceaccount.com',
            pricing_export_table: `${dataset}.cloud_pricing_export`,
          }),
          target: { dataset, table: 'golden', writeDisposition: 'replace_partitions' },
          leftOut: new LeftOut('run'),
          signal: new AbortController().signal,
          ...(watermarks && { watermarks, loaded: sources[1]! }),
        },
        engine,
        sources.slice(0, 1),
        read,
      ),
  };
}

const LOADED_BEFORE: readonly SourceField[] = [
  text('billing_account_id'),
  { name: 'pricing_date', type: 'DATE' },
  { name: 'export_time', type: 'TIMESTAMP' },
  text('sku_id'),
];

/** Of the prices of the row, what is compared. */
function asLoaded({ billing_account_id, pricing_as_of_time, export_time, sku }: typeof ROW) {
  const pricing_date = pricing_as_of_time.slice(0, 10);
  return { billing_account_id, pricing_date, export_time, sku_id: sku.id };
}

const EARLIER = {
  ...ROW,
  export_time: '2026-10-31T20:15:00Z',
  pricing_as_of_time: '2026-10-31T08:00:00Z',
};

/** Of the shipped query over pricing exports. */
export const GCP_PRICING_EXPORT: Readonly<Record<string, QueryGolden>> = {
  'a pricing export': golden(
    CURRENT,
    [MODELLED],
    [
      ...PRICES.map((row) => ({ ...row, ...NAMED })),
      price('list', '0', '0.5', '0.5', { ...MODEL, aggregation_level: null, aggregation_interval: null }),
      price('account', '0', '0.4', '0.3', { ...MODEL, price_reason: 'FLOATING_DISCOUNT' }),
    ],
  ),
  'an older pricing export, which lacks columns': golden(OLD, [ROW], PRICES),
  'a pricing export since a watermark': golden(
    OLD,
    [EARLIER, { ...ROW, sku: null }, ROW],
    PRICES,
    { [ROW.billing_account_id]: '2026-10-31T20:15:00.000000Z' },
    [asLoaded(EARLIER)],
  ),
};

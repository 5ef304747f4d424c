import { Secret, type QueryContext } from '@pipelines/pipeline';
import type { QueryGolden, RowText, SourceField, SourceTable } from '@pipelines/pipeline/testing';
import { GcpBillingExportProcessor } from '@pipelines/processors-gcp';

const TEXT = (name: string): SourceField => ({ name, type: 'STRING' });
const struct = (name: string, ...fields: SourceField[]): SourceField => ({ name, type: 'STRUCT', fields });
const structs = (name: string, ...fields: SourceField[]): SourceField => ({
  ...struct(name, ...fields),
  repeated: true,
});
const KEY_VALUE = [TEXT('key'), TEXT('value')];

/** What every export has, as one from years ago does. */
const STANDARD: readonly SourceField[] = [
  TEXT('billing_account_id'),
  struct('invoice', TEXT('month')),
  TEXT('cost_type'),
  struct('service', TEXT('id'), TEXT('description')),
  struct('sku', TEXT('id'), TEXT('description')),
  { name: 'usage_start_time', type: 'TIMESTAMP' },
  { name: 'usage_end_time', type: 'TIMESTAMP' },
  struct(
    'project',
    TEXT('id'),
    TEXT('number'),
    TEXT('name'),
    TEXT('ancestry_numbers'),
    structs('ancestors', TEXT('resource_name'), TEXT('display_name')),
    structs('labels', ...KEY_VALUE),
  ),
  structs('labels', ...KEY_VALUE),
  structs('system_labels', ...KEY_VALUE),
  struct('location', TEXT('location'), TEXT('country'), TEXT('region'), TEXT('zone')),
  { name: 'cost', type: 'FLOAT64' },
  TEXT('currency'),
  { name: 'currency_conversion_rate', type: 'FLOAT64' },
  struct(
    'usage',
    { name: 'amount', type: 'FLOAT64' },
    TEXT('unit'),
    { name: 'amount_in_pricing_units', type: 'FLOAT64' },
    TEXT('pricing_unit'),
  ),
  structs('credits', TEXT('name'), { name: 'amount', type: 'FLOAT64' }),
  struct('adjustment_info', TEXT('id'), TEXT('description'), TEXT('mode'), TEXT('type')),
  { name: 'export_time', type: 'TIMESTAMP' },
];

/** What a detailed export has. */
const DETAILED: readonly SourceField[] = [
  ...STANDARD.filter(({ name }) => !['invoice', 'credits'].includes(name)),
  struct('invoice', TEXT('month'), TEXT('publisher_type')),
  structs(
    'credits',
    TEXT('name'),
    { name: 'amount', type: 'FLOAT64' },
    TEXT('full_name'),
    TEXT('id'),
    TEXT('type'),
  ),
  structs('tags', ...KEY_VALUE, { name: 'inherited', type: 'BOOL' }, TEXT('namespace')),
  { name: 'cost_at_list', type: 'FLOAT64' },
  TEXT('transaction_type'),
  TEXT('seller_name'),
  struct(
    'price',
    ...[
      'list_price',
      'effective_price_default',
      'list_price_consumption_model',
      'effective_price',
      'tier_start_amount',
      'pricing_unit_quantity',
    ].map((name): SourceField => ({ name, type: 'NUMERIC' })),
    TEXT('unit'),
  ),
  { name: 'cost_at_effective_price_default', type: 'NUMERIC' },
  { name: 'cost_at_list_consumption_model', type: 'NUMERIC' },
  struct('consumption_model', TEXT('id'), TEXT('description')),
  struct('resource', TEXT('name'), TEXT('global_name')),
  struct('subscription', TEXT('instance_id')),
];

type ExportRow = Readonly<Record<string, unknown>>;

/** A row of a standard export. */
function charge(usage_start_time: string, cost: number, change: ExportRow = {}): ExportRow {
  return {
    billing_account_id: '01AB23-CD45EF-678901',
    invoice: { month: '202611' },
    cost_type: 'regular',
    service: { id: '6F81-5844-456A', description: 'Compute Engine' },
    sku: { id: '0012-B7F2-DD14', description: 'N2 Instance Core' },
    usage_start_time,
    usage_end_time: usage_start_time,
    project: null,
    labels: [],
    system_labels: [],
    location: null,
    cost,
    currency: 'USD',
    currency_conversion_rate: 1,
    usage: null,
    credits: [],
    adjustment_info: null,
    export_time: '2026-11-03T06:00:00.654321Z',
    ...change,
  };
}

/** A row of the target, of a charge without anything. */
function loaded(usage_start_time: string, cost: string, change: RowText = {}): RowText {
  return {
    usage_date: usage_start_time.slice(0, 10),
    usage_start_time,
    usage_end_time: usage_start_time,
    export_time: '2026-11-03T06:00:00.654321Z',
    invoice_month: '202611',
    invoice_publisher_type: null,
    billing_account_id: '01AB23-CD45EF-678901',
    cost_type: 'regular',
    service_id: '6F81-5844-456A',
    service_description: 'Compute Engine',
    sku_id: '0012-B7F2-DD14',
    sku_description: 'N2 Instance Core',
    project_id: null,
    project_number: null,
    project_name: null,
    project_ancestry_numbers: null,
    project_ancestors: '[]',
    project_labels: '[]',
    labels: '[]',
    system_labels: '[]',
    tags: '[]',
    location: null,
    location_country: null,
    location_region: null,
    location_zone: null,
    resource_name: null,
    resource_global_name: null,
    subscription_instance_id: null,
    currency: 'USD',
    currency_conversion_rate: '1',
    cost,
    credits_total: '0',
    net_cost: cost,
    cost_at_list: null,
    cost_at_effective_price_default: null,
    cost_at_list_consumption_model: null,
    credits: '[]',
    usage_amount: null,
    usage_unit: null,
    usage_amount_in_pricing_units: null,
    usage_pricing_unit: null,
    price_list_price: null,
    price_effective_price_default: null,
    price_list_price_consumption_model: null,
    price_effective_price: null,
    price_tier_start_amount: null,
    price_unit: null,
    price_pricing_unit_quantity: null,
    consumption_model_id: null,
    consumption_model_description: null,
    adjustment_id: null,
    adjustment_description: null,
    adjustment_mode: null,
    adjustment_type: null,
    transaction_type: null,
    seller_name: null,
    ...change,
  };
}

const ADJUSTMENT = {
  id: 'adj-1',
  description: 'Price correction',
  mode: 'COMPLETE_NEGATION_WITH_REMONETIZATION',
  type: 'PRICE_CORRECTION',
};
const ADJUSTED = {
  adjustment_id: 'adj-1',
  adjustment_description: 'Price correction',
  adjustment_mode: 'COMPLETE_NEGATION_WITH_REMONETIZATION',
  adjustment_type: 'PRICE_CORRECTION',
};

/** A charge with everything that a detailed export tells. */
const FULL: ExportRow = charge('2026-11-01T12:00:00Z', 0.1, {
  invoice: { month: '202611', publisher_type: 'GOOGLE' },
  project: {
    id: 'acme-web',
    number: '401122334455',
    name: 'Acme "web"',
    ancestry_numbers: '/700/900/',
    ancestors: [
      { resource_name: 'projects/401122334455', display_name: 'Acme "web"' },
      { resource_name: 'organizations/900', display_name: null },
    ],
    labels: [{ key: 'cost_center', value: '42' }],
  },
  labels: [
    { key: 'team', value: 'search' },
    { key: 'goog-k8s-cluster-name', value: '' },
  ],
  system_labels: [{ key: 'compute.googleapis.com/cores', value: '8' }],
  tags: [{ key: 'env', value: 'prod', inherited: true, namespace: 'acme.example' }],
  location: { location: 'us-central1-b', country: 'US', region: 'us-central1', zone: 'us-central1-b' },
  currency_conversion_rate: 0.92,
  usage: {
    amount: 2875956179763200,
    unit: 'byte-seconds',
    amount_in_pricing_units: 0.000000000372529,
    pricing_unit: 'gibibyte month',
  },
  // 0.1 - 0.05 - 0.02 is what binary floats miss.
  credits: [
    {
      name: 'Sustained',
      amount: -0.05,
      full_name: 'Sustained use',
      id: 'sud',
      type: 'SUSTAINED_USAGE_DISCOUNT',
    },
    { name: 'Promotion', amount: -0.02, full_name: null, id: null, type: 'PROMOTION' },
  ],
  cost_at_list: 0.3,
  transaction_type: 'GOOGLE',
  seller_name: 'Google',
  price: {
    list_price: '0.031611',
    effective_price_default: '0.028449900',
    list_price_consumption_model: null,
    effective_price: '0.0284499',
    tier_start_amount: '5.5',
    pricing_unit_quantity: '1',
    unit: 'hour',
  },
  cost_at_effective_price_default: '0.1',
  cost_at_list_consumption_model: '0.123456789',
  consumption_model: { id: '7754-699E-0EBF', description: 'Default' },
  resource: { name: 'vm-1', global_name: '//compute.googleapis.com/projects/1/instances/vm-1' },
  subscription: { instance_id: 'sub-1' },
});
const FULL_LOADED = loaded('2026-11-01T12:00:00.000000Z', '0.1', {
  invoice_publisher_type: 'GOOGLE',
  project_id: 'acme-web',
  project_number: '401122334455',
  project_name: 'Acme "web"',
  project_ancestry_numbers: '/700/900/',
  project_ancestors:
    '[{"resource_name":"projects/401122334455","display_name":"Acme \\"web\\""},{"resource_name":"organizations/900","display_name":null}]',
  project_labels: '[{"key":"cost_center","value":"42"}]',
  labels: '[{"key":"team","value":"search"},{"key":"goog-k8s-cluster-name","value":""}]',
  system_labels: '[{"key":"compute.googleapis.com/cores","value":"8"}]',
  tags: '[{"key":"env","value":"prod","inherited":"true","namespace":"acme.example"}]',
  location: 'us-central1-b',
  location_country: 'US',
  location_region: 'us-central1',
  location_zone: 'us-central1-b',
  resource_name: 'vm-1',
  resource_global_name: '//compute.googleapis.com/projects/1/instances/vm-1',
  subscription_instance_id: 'sub-1',
  currency_conversion_rate: '0.92',
  credits_total: '-0.07',
  net_cost: '0.03',
  cost_at_list: '0.3',
  cost_at_effective_price_default: '0.1',
  cost_at_list_consumption_model: '0.123456789',
  credits:
    '[{"name":"Sustained","amount":"-0.05","full_name":"Sustained use","id":"sud","type":"SUSTAINED_USAGE_DISCOUNT"},{"name":"Promotion","amount":"-0.02","full_name":null,"id":null,"type":"PROMOTION"}]',
  usage_amount: '2875956179763200',
  usage_unit: 'byte-seconds',
  usage_amount_in_pricing_units: '0.000000000372529',
  usage_pricing_unit: 'gibibyte month',
  price_list_price: '0.031611',
  price_effective_price_default: '0.0284499',
  price_effective_price: '0.0284499',
  price_tier_start_amount: '5.5',
  price_unit: 'hour',
  price_pricing_unit_quantity: '1',
  consumption_model_id: '7754-699E-0EBF',
  consumption_model_description: 'Default',
  transaction_type: 'GOOGLE',
  seller_name: 'Google',
});

/** A row and what becomes of it. */
type Pair = readonly [row: ExportRow, expected: RowText];

const CHARGES: readonly Pair[] = [
  // Rows may be equal; both count.
  [charge('2026-11-01T23:59:59.999999Z', 1.5), loaded('2026-11-01T23:59:59.999999Z', '1.5')],
  [charge('2026-11-01T23:59:59.999999Z', 1.5), loaded('2026-11-01T23:59:59.999999Z', '1.5')],
  // The day is UTC's, the invoice's month Pacific; the last of a year.
  [
    charge('2026-01-01T00:00:00Z', 0.000001, { invoice: { month: '202512' } }),
    loaded('2026-01-01T00:00:00.000000Z', '0.000001', { invoice_month: '202512' }),
  ],
  // Digits that a binary float of the column's scale would miss.
  [
    charge('2026-11-02T00:00:00Z', 12345678.901234567),
    loaded('2026-11-02T00:00:00.000000Z', '12345678.901234567'),
  ],
  [charge('2026-11-02T00:00:00Z', 1e-10), loaded('2026-11-02T00:00:00.000000Z', '0.0000000001')],
  [
    charge('2026-10-31T07:00:00Z', 4.4, { cost_type: 'tax', currency: 'EUR' }),
    loaded('2026-10-31T07:00:00.000000Z', '4.4', { cost_type: 'tax', currency: 'EUR' }),
  ],
  // A correction: a negation, credit and all, and a new row.
  [
    charge('2026-09-15T00:00:00Z', -2, {
      adjustment_info: ADJUSTMENT,
      credits: [{ name: 'c', amount: 0.5 }],
    }),
    loaded('2026-09-15T00:00:00.000000Z', '-2', {
      ...ADJUSTED,
      credits_total: '0.5',
      net_cost: '-1.5',
      credits: '[{"name":"c","amount":"0.5","full_name":null,"id":null,"type":null}]',
    }),
  ],
  [
    charge('2026-09-15T00:00:00Z', 1.8, { adjustment_info: ADJUSTMENT }),
    loaded('2026-09-15T00:00:00.000000Z', '1.8', ADJUSTED),
  ],
];

/** What a run that goes on from the first watermark may not have seen, or has. */
const SINCE = '2026-11-03T06:00:00.654321Z';
const LATER = '2026-11-03T06:00:00.654322Z';
const INCREMENT: readonly (readonly [row: ExportRow, expected: RowText | null])[] = [
  // A day that a newer row is about, with all of its rows.
  [
    charge('2026-10-04T10:00:00Z', 3, { export_time: LATER }),
    loaded('2026-10-04T10:00:00.000000Z', '3', { export_time: LATER }),
  ],
  [
    charge('2026-10-04T23:59:59.999999Z', 4, { export_time: '2026-10-05T06:00:00Z' }),
    loaded('2026-10-04T23:59:59.999999Z', '4', { export_time: '2026-10-05T06:00:00.000000Z' }),
  ],
  // Its neighbours.
  [charge('2026-10-05T00:00:00Z', 5, { export_time: SINCE }), null],
  [charge('2026-10-03T23:59:59.999999Z', 6, { export_time: SINCE }), null],
  // The window, without anything newer.
  [charge('2026-11-01T00:00:00Z', 7), loaded('2026-11-01T00:00:00.000000Z', '7')],
  [charge('2026-11-02T23:59:59Z', 8), loaded('2026-11-02T23:59:59.000000Z', '8')],
  [charge('2026-11-03T00:00:00Z', 9), null],
  [charge('2026-10-31T23:59:59Z', 10), null],
];

const processor = new GcpBillingExportProcessor();

/**
 * The shipped query over an export, for a run of the organization `golden`.
 * @param controlled Usage days and currencies that the expected rows are of.
 */
function golden(
  fields: readonly SourceField[],
  pairs: readonly (readonly [row: ExportRow, expected: RowText | null])[],
  controlled: number,
  change: Partial<Pick<QueryContext, 'watermark' | 'options'>> = {},
): QueryGolden {
  const window = { start: '2026-11-01', end: '2026-11-03' };
  const source: SourceTable = { table: 'billing_export', fields, rows: pairs.map(([row]) => row) };
  return {
    schema: processor.schemaFor({}),
    window,
    sources: [source],
    controlled,
    expected: pairs.flatMap(([, expected]) => (expected === null ? [] : [expected])),
    query: (engine, dataset, sources, read) =>
      processor.queryFor(
        {
          runId: '0199c0de-0000-7000-8000-000000000001',
          org: 'golden',
          window,
          options: {},
          credentialName: 'default',
          secret: new Secret({
            type: 'service_account' as const,
            project_id: 'test-project',
            private_key_id: '0',
            private_key: '',
            client_email: 'reader@test-project.iam.gserviceaccount.com',
            billing_export_table: `${dataset}.billing_export`,
          }),
          target: { dataset, table: 'golden', writeDisposition: 'replace_partitions' },
          signal: new AbortController().signal,
          ...change,
        },
        engine,
        sources,
        read,
      ),
  };
}

/** Of the shipped query over billing exports. */
export const GCP_BILLING_EXPORT: Readonly<Record<string, QueryGolden>> = {
  'a detailed billing export': golden(DETAILED, [[FULL, FULL_LOADED], ...CHARGES], 5),
  'a billing export from years ago, which lacks columns': golden(STANDARD, CHARGES, 5),
  'a billing export that holds nothing': golden(DETAILED, [], 0),
  'a billing export since a watermark': golden(STANDARD, INCREMENT, 3, { watermark: SINCE }),
  'a billing export since a watermark, without anything newer': golden(
    STANDARD,
    INCREMENT.slice(2).map(([row, expected]) => [row, expected] as const),
    2,
    { watermark: SINCE },
  ),
  'a billing export since a day': golden(
    STANDARD,
    INCREMENT.map(([row]) =>
      (row.usage_start_time as string) < '2026-11-02'
        ? ([row, null] as const)
        : ([
            row,
            loaded((row.usage_start_time as string).replace('Z', '.000000Z'), String(row.cost as number)),
          ] as const),
    ),
    2,
    { options: { since: '2026-11-02' } },
  ),
};

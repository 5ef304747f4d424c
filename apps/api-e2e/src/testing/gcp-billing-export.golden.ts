import { LeftOut, Secret, type QueryContext } from '@pipelines/pipeline';
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
export const BILLING_EXPORT_FIELDS: readonly SourceField[] = [
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
  ...BILLING_EXPORT_FIELDS.filter(({ name }) => !['invoice', 'credits'].includes(name)),
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

const ACCOUNT = '01AB23-CD45EF-678901';

/** What a run that goes on from the watermark may not have seen, or has. */
const SINCE = '2026-11-03T06:00:00.654321Z';
const LATER = '2026-11-03T06:00:00.654322Z';
const LONG_AGO = '2026-10-05T06:00:00Z';
const INCREMENT: readonly (readonly [row: ExportRow, expected: RowText | null])[] = [
  // A day that a newer row is about, with all of its rows.
  [
    charge('2026-10-04T10:00:00Z', 3, { export_time: LATER }),
    loaded('2026-10-04T10:00:00.000000Z', '3', { export_time: LATER }),
  ],
  [
    charge('2026-10-04T23:59:59.999999Z', 4, { export_time: LONG_AGO }),
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

const LAGGING = '09ZZ99-CD45EF-678901';
const OF_LAGGING = { billing_account_id: LAGGING };

/** What a run finds that goes on from watermarks of several accounts, whose clocks have nothing to do with each other. */
const OUT_OF_TURN: typeof INCREMENT = [
  // An account of which nothing is loaded, on days of long ago.
  [
    charge('2025-01-01T10:00:00Z', 1, { billing_account_id: 'FFFFFF-000000-000001', export_time: LONG_AGO }),
    loaded('2025-01-01T10:00:00.000000Z', '1', {
      billing_account_id: 'FFFFFF-000000-000001',
      export_time: '2026-10-05T06:00:00.000000Z',
    }),
  ],
  // One that lags behind by weeks, and has a newer row on a day of the other's.
  [
    charge('2026-10-04T10:00:00Z', 99, { ...OF_LAGGING, export_time: '2026-10-20T06:00:00.000001Z' }),
    loaded('2026-10-04T10:00:00.000000Z', '99', {
      ...OF_LAGGING,
      export_time: '2026-10-20T06:00:00.000001Z',
    }),
  ],
  [
    charge('2026-10-04T11:00:00Z', 2, { export_time: LONG_AGO }),
    loaded('2026-10-04T11:00:00.000000Z', '2', { export_time: '2026-10-05T06:00:00.000000Z' }),
  ],
  // A row that came with an export time before the watermark of its account, as another that is loaded had.
  [
    charge('2026-10-06T10:00:00Z', 3, { export_time: '2026-10-28T06:00:00Z' }),
    loaded('2026-10-06T10:00:00.000000Z', '3', { export_time: '2026-10-28T06:00:00.000000Z' }),
  ],
  [
    charge('2026-10-06T10:00:00Z', 4, { export_time: '2026-10-28T06:00:00Z' }),
    loaded('2026-10-06T10:00:00.000000Z', '4', { export_time: '2026-10-28T06:00:00.000000Z' }),
  ],
  // Rows without an account have a clock of their own.
  [
    charge('2026-10-07T10:00:00Z', 5, { billing_account_id: null, export_time: '2026-06-01T00:00:00Z' }),
    loaded('2026-10-07T10:00:00.000000Z', '5', {
      billing_account_id: null,
      export_time: '2026-06-01T00:00:00.000000Z',
    }),
  ],
  // Loaded before, all of them, and as many.
  [charge('2026-10-08T10:00:00Z', 6, { export_time: '2026-10-28T06:00:00Z' }), null],
  [charge('2026-10-08T10:00:00Z', 6, { export_time: '2026-10-28T06:00:00Z' }), null],
  [charge('2026-10-09T10:00:00Z', 7, { ...OF_LAGGING, export_time: '2026-10-20T06:00:00Z' }), null],
];

/** Rows that lack what every row has, and hold no money; and one that lacks nothing that it needs. */
const INCOMPLETE: typeof INCREMENT = [
  [charge('2026-11-01T10:00:00Z', 0, { usage_start_time: null }), null],
  [charge('2026-11-01T10:00:00Z', 0, { export_time: null }), null],
  [charge('2026-11-01T10:00:00Z', 0, { currency: null, cost: null }), null],
  [charge('2026-11-01T10:00:00Z', 0, { currency: '' }), null],
  [charge('2026-11-01T10:00:00Z', 0, { cost: null, credits: [{ name: 'c', amount: 0 }] }), null],
  [
    charge('2026-11-01T10:00:00Z', 1, {
      billing_account_id: '',
      service: null,
      sku: null,
      invoice: null,
      cost_type: null,
      usage_end_time: null,
      currency_conversion_rate: null,
      credits: [{ name: null, amount: null }],
    }),
    loaded('2026-11-01T10:00:00.000000Z', '1', {
      billing_account_id: '',
      service_id: null,
      service_description: null,
      sku_id: null,
      sku_description: null,
      invoice_month: null,
      cost_type: null,
      usage_end_time: null,
      currency_conversion_rate: null,
      credits: '[{"name":null,"amount":null,"full_name":null,"id":null,"type":null}]',
    }),
  ],
];

const LOADED_BEFORE: readonly SourceField[] = [
  TEXT('billing_account_id'),
  { name: 'usage_date', type: 'DATE' },
  { name: 'export_time', type: 'TIMESTAMP' },
  { name: 'cost', type: 'BIGNUMERIC' },
];

/** What of the row is loaded. */
function asLoaded({ billing_account_id, usage_start_time, export_time, cost }: ExportRow): ExportRow {
  const usage_date = (usage_start_time as string).slice(0, 10);
  return { billing_account_id, usage_date, export_time, cost: String(cost as number) };
}

type RowPairs = readonly (readonly [row: ExportRow, expected: RowText | null])[];

const processor = new GcpBillingExportProcessor();

/**
 * The shipped query over exports, for a run of the organization `golden`.
 * @param tables Columns and rows of each export.
 * @param controlled Usage days and currencies that the expected rows are of.
 * @param before Rows that were loaded before.
 */
function golden(
  tables: readonly (readonly [fields: readonly SourceField[], pairs: RowPairs])[],
  controlled: number,
  change: Partial<Pick<QueryContext, 'watermarks'>> & { readonly since?: string } = {},
  before: readonly ExportRow[] = [],
): QueryGolden {
  const window = { start: '2026-11-01', end: '2026-11-03' };
  const exports = tables.map(([fields, pairs], index): SourceTable => ({
    table: `billing_export_${index}`,
    fields,
    rows: pairs.map(([row]) => row),
  }));
  const pairs = tables.flatMap(([, rows]) => rows);
  const { since, watermarks } = change;
  return {
    schema: processor.schemaFor({}),
    window,
    sources: [...exports, { table: 'loaded_before', fields: LOADED_BEFORE, rows: before }],
    controlled,
    expected: pairs.flatMap(([, expected]) => (expected === null ? [] : [expected])),
    query: (engine, dataset, sources, read) =>
      processor.queryFor(
        {
          runId: '0199c0de-0000-7000-8000-000000000001',
          org: 'golden',
          window,
          options: { since, export_lookback_days: 7, incomplete_rows: 'refuse' },
          credentialName: 'default',
          writers: [],
          secret: new Secret({
            type: 'service_account' as const,
            project_id: 'test-project',
            private_key_id: '0',
            private_key: '',
            client_email: 'reader@test-project.iam.gserviceaccount.com',
            billing_export_table: exports.map(({ table }) => `${dataset}.${table}`),
          }),
          target: { dataset, table: 'golden', writeDisposition: 'replace_partitions' },
          leftOut: new LeftOut('run'),
          signal: new AbortController().signal,
          watermarks,
          ...(watermarks && { loaded: sources.at(-1)! }),
        },
        engine,
        sources.slice(0, -1),
        read,
      ),
  };
}

/** Amounts as large and as small as floats are: what is less than half a unit of the last place is nothing. */
const EXTREMES: RowPairs = (
  [
    [1e16, 5e-11, '10000000000000000', '0'],
    [-1e19, -9e-11, '-10000000000000000000', '0'],
    [1e-9, 5e-324, '0.000000001', '0'],
    [1.5e-7, 6e-10, '0.00000015', '0.000000001'],
    [0.1, 1.23e28, '0.1', '12300000000000000000000000000'],
  ] as const
).map(([cost, amount, loadedCost, usage_amount], hour) => [
  charge(`2026-11-01T0${hour}:00:00Z`, cost, {
    usage: { amount, unit: 'seconds', amount_in_pricing_units: null, pricing_unit: null },
    credits: [{ name: 'Rounding', amount: -7e-25 }],
  }),
  loaded(`2026-11-01T0${hour}:00:00.000000Z`, loadedCost, {
    usage_amount,
    usage_unit: 'seconds',
    credits: '[{"name":"Rounding","amount":"0","full_name":null,"id":null,"type":null}]',
  }),
]);

/** All but the rows that a newer export has brought. */
const SEEN = INCREMENT.slice(1).map(([row]) => asLoaded(row));

/** The query over amounts that are hard to read exactly. */
export const GCP_EXTREME_AMOUNTS = golden([[BILLING_EXPORT_FIELDS, EXTREMES]], 1);

/** Of the shipped query over billing exports. */
export const GCP_BILLING_EXPORT: Readonly<Record<string, QueryGolden>> = {
  'a detailed billing export': golden([[DETAILED, [[FULL, FULL_LOADED], ...CHARGES]]], 5),
  'a billing export from years ago, which lacks columns': golden([[BILLING_EXPORT_FIELDS, CHARGES]], 5),
  'a billing export that holds nothing': golden([[DETAILED, []]], 0),
  'a billing export since a watermark': golden(
    [[BILLING_EXPORT_FIELDS, INCREMENT]],
    3,
    { watermarks: { [ACCOUNT]: SINCE } },
    SEEN,
  ),
  'a billing export since a watermark, without anything newer': golden(
    [[BILLING_EXPORT_FIELDS, INCREMENT.slice(2)]],
    2,
    { watermarks: { [ACCOUNT]: SINCE } },
    SEEN,
  ),
  'a billing export since a day': golden(
    [
      [
        BILLING_EXPORT_FIELDS,
        INCREMENT.map(([row]) =>
          (row.usage_start_time as string) < '2026-11-02'
            ? ([row, null] as const)
            : ([
                row,
                loaded((row.usage_start_time as string).replace('Z', '.000000Z'), String(row.cost as number)),
              ] as const),
        ),
      ],
    ],
    2,
    { since: '2026-11-02' },
  ),
  'a billing export of several accounts since their watermarks': golden(
    [[BILLING_EXPORT_FIELDS, OUT_OF_TURN]],
    4,
    { watermarks: { [ACCOUNT]: SINCE, [LAGGING]: '2026-10-20T06:00:00.000000Z' } },
    // The third is loaded, the fifth alone of two that look alike.
    [2, 4, 6, 7, 8].map((index) => asLoaded(OUT_OF_TURN[index]![0])),
  ),
  'several billing exports, one of which lacks columns': golden(
    [
      [DETAILED, [[FULL, FULL_LOADED]]],
      [
        BILLING_EXPORT_FIELDS,
        CHARGES.map(
          ([row, expected]) =>
            [
              { ...row, ...OF_LAGGING },
              { ...expected, ...OF_LAGGING },
            ] as const,
        ),
      ],
    ],
    5,
  ),
  'several billing exports since their watermarks': golden(
    [
      [DETAILED, INCREMENT.slice(0, 2)],
      [
        BILLING_EXPORT_FIELDS,
        [
          ...INCREMENT.slice(4, 6).map(
            ([row, expected]) =>
              [
                { ...row, ...OF_LAGGING },
                { ...expected, ...OF_LAGGING },
              ] as const,
          ),
          [
            charge('2026-10-04T00:00:00Z', 5, { ...OF_LAGGING, export_time: '2026-05-01T00:00:00Z' }),
            loaded('2026-10-04T00:00:00.000000Z', '5', {
              ...OF_LAGGING,
              export_time: '2026-05-01T00:00:00.000000Z',
            }),
          ],
        ],
      ],
    ],
    3,
    { watermarks: { [ACCOUNT]: SINCE, [LAGGING]: SINCE } },
    INCREMENT.slice(4, 6).map(([row]) => asLoaded({ ...row, ...OF_LAGGING })),
  ),
  'a billing export with rows that lack what every row has': golden([[BILLING_EXPORT_FIELDS, INCOMPLETE]], 1),
  'a billing export with such rows, since a watermark': golden([[BILLING_EXPORT_FIELDS, INCOMPLETE]], 1, {
    watermarks: { [ACCOUNT]: SINCE },
  }),
};

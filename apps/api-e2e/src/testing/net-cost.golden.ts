import type { QueryGolden, SourceTable } from '@pipelines/pipeline/testing';

const WINDOW = { start: '2026-11-01', end: '2026-11-03' };

/** The shape of a cloud billing export: money as FLOAT64, credits inside the row that they reduce. */
const EXPORT: SourceTable = {
  table: 'billing_export',
  fields: [
    { name: 'service', type: 'STRUCT', fields: [{ name: 'description', type: 'STRING' }] },
    { name: 'usage_start_time', type: 'TIMESTAMP' },
    { name: 'cost', type: 'FLOAT64' },
    { name: 'cost_at_list', type: 'STRING' },
    { name: 'currency', type: 'STRING' },
    {
      name: 'credits',
      type: 'STRUCT',
      repeated: true,
      fields: [
        { name: 'name', type: 'STRING' },
        { name: 'amount', type: 'FLOAT64' },
      ],
    },
  ],
  rows: [
    // 0.1 + 0.2 is the sum that binary floats miss.
    aCharge('2026-11-01T00:00:00Z', 0.1, '0.15', [{ name: 'sustained use', amount: -0.05 }]),
    aCharge('2026-11-01T23:59:59.999999Z', 0.2, '0.3', []),
    aCharge('2026-11-01T12:00:00Z', 1e-9, 'n/a', [
      { name: 'promotion', amount: -0.000000001 },
      { name: 'discount', amount: -0.000000002 },
    ]),
    // The day is UTC's.
    aCharge('2026-11-02T00:00:00Z', 12345678.901234567, '1', [{ name: null, amount: null }]),
    aCharge('2026-11-02T01:00:00Z', -5, null, [{ name: 'refund', amount: 5 }], 'EUR'),
    // Outside the window.
    aCharge('2026-11-03T00:00:00Z', 7, '7', []),
    aCharge('2026-10-31T23:59:59.999999Z', 7, '7', []),
  ],
};

function aCharge(
  usage_start_time: string,
  cost: number,
  cost_at_list: string | null,
  credits: readonly { name: string | null; amount: number | null }[],
  currency = 'USD',
): Record<string, unknown> {
  return {
    service: { description: 'Compute; it\'s "C"' },
    usage_start_time,
    cost,
    cost_at_list,
    currency,
    credits,
  };
}

const inBigQuery = (dataset: string): string => `
SELECT
  DATE(usage_start_time) AS day,
  service.description AS service,
  currency,
  COUNT(*) AS charges,
  SUM(CAST(cost AS NUMERIC)) AS cost,
  SUM(SAFE_CAST(cost_at_list AS NUMERIC)) AS cost_at_list,
  SUM(
    CAST(cost AS NUMERIC)
    + IFNULL((SELECT SUM(CAST(credit.amount AS NUMERIC)) FROM UNNEST(credits) AS credit), 0)
  ) AS net_cost
FROM \`${dataset}.billing_export\`
WHERE DATE(usage_start_time) >= DATE(@start) AND DATE(usage_start_time) < DATE(@end)
GROUP BY day, service, currency`;

// By way of VARCHAR: DuckDB's own cast of a DOUBLE loses digits past 2^53 units of the last place.
const inDuckdb = (dataset: string): string => `
SELECT
  CAST(usage_start_time AS DATE) AS day,
  service.description AS service,
  currency,
  COUNT(*) AS charges,
  SUM(CAST(CAST(cost AS VARCHAR) AS DECIMAL(38, 9))) AS cost,
  SUM(TRY_CAST(cost_at_list AS DECIMAL(38, 9))) AS cost_at_list,
  SUM(
    CAST(CAST(cost AS VARCHAR) AS DECIMAL(38, 9))
    + coalesce((SELECT SUM(CAST(CAST(credit.amount AS VARCHAR) AS DECIMAL(38, 9))) FROM UNNEST(credits) AS c(credit)), 0)
  ) AS net_cost
FROM "${dataset}".billing_export
WHERE CAST(usage_start_time AS DATE) >= CAST($start AS DATE)
  AND CAST(usage_start_time AS DATE) < CAST($end AS DATE)
GROUP BY ALL`;

/** Cost after credits by service, UTC day and currency. */
export const NET_COST: QueryGolden = {
  schema: {
    description: 'Cost after credits',
    columns: [
      { name: 'day', type: 'DATE', mode: 'REQUIRED', description: 'UTC day' },
      { name: 'service', type: 'STRING', description: 'Service' },
      { name: 'currency', type: 'STRING', mode: 'REQUIRED', description: 'ISO 4217 code' },
      { name: 'charges', type: 'INT64', description: 'Number of charges' },
      { name: 'cost', type: 'NUMERIC', mode: 'REQUIRED', description: 'Before credits' },
      { name: 'cost_at_list', type: 'NUMERIC', description: 'At list price' },
      { name: 'net_cost', type: 'NUMERIC', mode: 'REQUIRED', description: 'After credits' },
    ],
    windowColumn: 'day',
    money: [{ amount: 'net_cost', currency: 'currency' }],
  },
  window: WINDOW,
  sources: [EXPORT],
  query: (engine, dataset) => ({
    sql: engine === 'bigquery' ? inBigQuery(dataset) : inDuckdb(dataset),
    parameters: WINDOW,
  }),
  expected: [
    {
      day: '2026-11-01',
      service: 'Compute; it\'s "C"',
      currency: 'USD',
      charges: '3',
      cost: '0.300000001',
      cost_at_list: '0.45',
      net_cost: '0.249999998',
    },
    {
      day: '2026-11-02',
      service: 'Compute; it\'s "C"',
      currency: 'USD',
      charges: '1',
      cost: '12345678.901234567',
      cost_at_list: '1',
      net_cost: '12345678.901234567',
    },
    {
      day: '2026-11-02',
      service: 'Compute; it\'s "C"',
      currency: 'EUR',
      charges: '1',
      cost: '-5',
      cost_at_list: null,
      net_cost: '0',
    },
  ],
};

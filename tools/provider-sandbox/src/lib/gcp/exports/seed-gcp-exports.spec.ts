import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DuckDBInstance } from '@duckdb/node-api';
import { gcpBillingTruth } from './gcp-billing-truth.ts';
import { invoiceMonth, pacificMonth } from './pacific-month.ts';
import { seedGcpExports } from './seed-gcp-exports.ts';

const START = '2026-01-10';
const MIDDLE = new Date('2026-02-01T03:00:00Z');
const UNTIL = new Date('2026-04-20T12:00:00Z');
const DETAILED = 'acme_billing.gcp_billing_export_resource_v1_01AB23_CD45EF_678901';
const STANDARD = 'acme_billing.gcp_billing_export_v1_01AB23_CD45EF_678901';

describe('the exports of the sandbox', () => {
  let directory: string;
  let path: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'gcp-exports-'));
    path = join(directory, 'warehouse.duckdb');
    await seed(path, UNTIL);
  });

  afterAll(() => rm(directory, { recursive: true }));

  const seed = (file: string, until: Date): Promise<void> =>
    seedGcpExports(file, { dataset: 'acme_billing', start: START, until });
  const rows = async (sql: string, file = path): Promise<unknown[][]> => {
    const instance = await DuckDBInstance.fromCache(file);
    try {
      const connection = await instance.connect();
      const found = await connection.runAndReadAll(sql);
      connection.closeSync();
      return found.getRowsJson();
    } finally {
      instance.closeSync();
    }
  };
  const contentOf = (file: string): Promise<unknown[]> =>
    Promise.all(
      [DETAILED, STANDARD, 'acme_billing.cloud_pricing_export'].map((table) =>
        rows(`SELECT to_json(t)::VARCHAR FROM ${table} AS t ORDER BY 1`, file),
      ),
    );

  it('are the same whether they are filled at once or little by little, or twice', async () => {
    const other = join(directory, 'other.duckdb');
    await seed(other, MIDDLE);
    await seed(other, MIDDLE);
    await seed(other, UNTIL);
    await seed(path, UNTIL);

    expect(await contentOf(other)).toEqual(await contentOf(path));
  });

  it('add up to the truth, to the millionth', async () => {
    const billed = gcpBillingTruth('pipelines', START, '2026-04-21', UNTIL.toISOString());

    const exported = await rows(`
      SELECT usage_start_time::DATE::VARCHAR, service.description, currency, count(*)::VARCHAR,
        sum(cost::VARCHAR::DECIMAL(38,6))::VARCHAR,
        sum(coalesce((SELECT sum(c.amount::VARCHAR::DECIMAL(38,6)) FROM UNNEST(credits) AS u(c)), 0))::VARCHAR
      FROM ${DETAILED} WHERE usage_start_time IS NOT NULL AND currency IS NOT NULL
      GROUP BY ALL ORDER BY 1, 2, 3`);

    const padded = (decimal: string): string => {
      const [whole, fraction = ''] = decimal.split('.') as [string, string?];
      return `${whole}.${fraction.padEnd(6, '0')}`;
    };
    expect(exported).toEqual(
      billed.map(({ day, service, currency, rows: count, cost, credits }) => [
        day,
        service,
        currency,
        String(count),
        padded(cost),
        padded(credits),
      ]),
    );
    expect(new Set(billed.map(({ day }) => day)).size).toBeGreaterThan(90);
  });

  it.each([
    ['charges in several projects', 'count(DISTINCT project.id) = 4'],
    ['charges of several services', 'count(DISTINCT service.id) > 8'],
    ['charges in several currencies', 'count(DISTINCT currency) = 2'],
    ['charges of the account, without project', 'bool_or(project IS NULL)'],
    ['several credits in one charge', 'bool_or(len(credits) = 2)'],
    ['negative costs', 'bool_or(cost < 0)'],
    ['taxes', "bool_or(cost_type = 'tax')"],
    ['rounding errors', "bool_or(cost_type = 'rounding_error')"],
    ['adjustments', "bool_or(cost_type = 'adjustment')"],
    ['charges of partners', "bool_or(invoice.publisher_type = 'PARTNER')"],
    [
      'corrections, a month later',
      "bool_or(adjustment_info.id LIKE 'adj-%' AND export_time > usage_start_time + INTERVAL 33 DAY)",
    ],
    ['late rows', 'bool_or(adjustment_info.id IS NULL AND export_time > usage_start_time + INTERVAL 2 DAY)'],
    [
      "usage of a month's first UTC hours on the invoice of the month before",
      "bool_or(usage_start_time = TIMESTAMP '2026-03-01' AND invoice.month = '202602')",
    ],
    [
      'corrections on a later invoice',
      "bool_or(usage_start_time < TIMESTAMP '2026-02-01' AND invoice.month = '202603')",
    ],
    [
      'rows that lack a day or a currency, without money',
      'count(*) FILTER (WHERE (usage_start_time IS NULL OR currency IS NULL) AND cost = 0) = 6',
    ],
    [
      'a billing account whose clock lags behind the other',
      `max(export_time) FILTER (WHERE billing_account_id = '01C0DE-FEED42-0A1B2C') < TIMESTAMP '2026-04-18 12:00:00'`,
    ],
    ['prices below list', 'bool_or(price.effective_price < price.list_price)'],
    ['nothing appended later than asked', "max(export_time) <= TIMESTAMP '2026-04-20 12:00:00'"],
  ])('have %s', async (_what, condition) => {
    expect(await rows(`SELECT ${condition} FROM ${DETAILED}`)).toEqual([[true]]);
  });

  it('have equal rows, which count each', async () => {
    const found = await rows(
      `SELECT count(*) > 0 FROM (SELECT 1 FROM (SELECT to_json(t)::VARCHAR AS content FROM ${DETAILED} AS t)
       GROUP BY content HAVING count(*) = 2)`,
    );

    expect(found).toEqual([[true]]);
  });

  it('have a standard export of the same rows without what was added since', async () => {
    const columns = await rows(`SELECT column_name FROM (DESCRIBE ${STANDARD})`);

    expect(columns.flat()).not.toContain('price');
    expect(await rows(`SELECT count(*)::VARCHAR FROM ${STANDARD}`)).toEqual(
      await rows(`SELECT count(*)::VARCHAR FROM ${DETAILED}`),
    );
  });

  it('have prices of every day, list and own', async () => {
    expect(
      await rows(`
        SELECT count(DISTINCT pricing_as_of_time::DATE)::INT, bool_or(len(list_price.tiered_rates) > 1),
          bool_or(billing_account_price.price_info.price_reason = 'FIXED_DISCOUNT'),
          bool_or(len(consumption_model_prices) > 0)
        FROM acme_billing.cloud_pricing_export`),
    ).toEqual([[100, true, true, true]]);
  });
});

describe('pacific months', () => {
  it.each([
    ['2026-01-01T07:59:59Z', '202512'],
    ['2026-01-01T08:00:00Z', '202601'],
    ['2026-07-01T06:59:59Z', '202606'],
    ['2026-07-01T07:00:00Z', '202607'],
  ])('has %s in %s', (instant, month) => {
    expect(pacificMonth(instant)).toBe(month);
  });

  it.each([
    ['2026-01-31T12:00:00Z', '2026-02-01T06:00:00Z', '202601'],
    ['2026-01-31T12:00:00Z', '2026-02-05T12:00:00Z', '202601'],
    ['2026-01-31T12:00:00Z', '2026-03-05T12:00:00Z', '202603'],
  ])('invoices the usage of %s that is exported at %s in %s', (used, exported, month) => {
    expect(invoiceMonth(used, exported)).toBe(month);
  });
});

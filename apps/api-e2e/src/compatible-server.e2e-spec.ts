import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ApiClient } from '@pipelines/service-driver';
import { OpenAiCompatibleServer } from './testing/openai-compatible-server.ts';
import { TestService } from './testing/test-service.ts';
import { unpadded } from './testing/unpadded.ts';
import { startRun, untilEnded } from './testing/until-ended.ts';

const ORG = 'acme_corp';
const COSTS = 'openai/cost/costs_daily';
const WINDOW = { start_date: '2026-01-26', end_date: '2026-02-05' };

/** The figures as the server writes them. The days that are absent have an empty bucket; the last page says `result`. */
const DAYS = {
  '2026-01-26': `"results": [
    {"object": "organization.costs.result", "amount": {"value": "0.0125430000000000000000001", "currency": "USD"},
     "line_item": "Vector storage", "project_id": "proj_a", "api_key_id": null, "quantity": "1.5e1", "quantity_unit": "furlongs"},
    {"amount": {"value": 1234567.123456789012345678, "currency": "usd", "tax": {"rate": 0.19}}, "region": ["eu", "us"],
     "line_item": "gpt-6-astra, input_tokens", "project_id": "proj_a", "api_key_id": "key_1", "quantity": 6941666},
    {"amount": {"value": -7.8e-17, "currency": "Usd"}, "line_item": "gpt-6-astra, output_tokens", "project_id": "proj_a"}]`,
  '2026-01-28': `"final": true, "results": [
    {"amount": {"value": "1.50e-7", "currency": "eur"}, "line_item": "Vector storage", "project_id": null, "api_key_id": null},
    {"amount": {"value": 2.5E+3, "currency": "EUR"}, "line_item": "gpt-6-astra, input_tokens", "project_id": "proj_a", "api_key_id": "key_2"},
    {"amount": {"value": 0, "currency": "usd"}, "line_item": "gpt-6-astra, output_tokens", "project_id": "proj_a", "api_key_id": "key_2"},
    {"amount": {"value": "-0.00", "currency": "usd"}, "line_item": "web search tool calls", "project_id": "proj_b", "api_key_id": null}]`,
  '2026-01-29': `"results": [
    {"amount": {"value": 0.1, "currency": "gbp"}, "line_item": "images", "project_id": "proj_a", "api_key_id": "key_1"},
    {"amount": {"value": 120, "currency": "jpy"}, "line_item": "images, large", "project_id": "proj_b", "api_key_id": "key_3"},
    {"amount": {"value": "-20", "currency": "JPY"}, "line_item": "images, refunded", "project_id": "proj_b", "api_key_id": "key_3"},
    {"amount": {"value": 0.2, "currency": "GBP"}, "line_item": "whisper-1, audio", "project_id": "proj_a", "api_key_id": "key_1"}]`,
  '2026-01-31': `"results": [
    {"amount": {"value": "-0.333333333333333333", "currency": "eur"}, "line_item": "Credit", "project_id": null, "api_key_id": null},
    {"amount": {"value": 99999999999999999.00000001, "currency": "usd"}, "line_item": "Scale tier", "project_id": null, "api_key_id": null}]`,
  '2026-02-01': `"results": [
    {"amount": {"value": 0.1, "currency": "usd"}, "line_item": "images", "project_id": "proj_a", "api_key_id": "key_1"},
    {"amount": {"value": "0.2", "currency": "usd"}, "line_item": "images, large", "project_id": "proj_a", "api_key_id": "key_1"}]`,
  '2026-02-02': `"result": [
    {"amount": {"value": 1e2, "currency": "usd"}, "line_item": "images", "project_id": "proj_a", "api_key_id": "key_1"},
    {"amount": {"value": "1E-18", "currency": "usd"}, "line_item": "images, large", "project_id": "proj_a", "api_key_id": "key_1"}]`,
  '2026-02-03': `"result": []`,
  '2026-02-04': `"result": [
    {"amount": {"value": "-2500.00000015", "currency": "EUR"}, "line_item": "Credit", "project_id": "proj_b", "api_key_id": null},
    {"amount": {"value": -0.1234567890123456789012345, "currency": "usd"}, "line_item": null, "project_id": "proj_b"}]`,
};

/** Day, project, key, line item, currency, the digits as received. */
const ROWS = [
  ['2026-01-26', 'proj_a', null, 'Vector storage', 'USD', '0.0125430000000000000000001'],
  ['2026-01-26', 'proj_a', 'key_1', 'gpt-6-astra, input_tokens', 'USD', '1234567.123456789012345678'],
  ['2026-01-26', 'proj_a', null, 'gpt-6-astra, output_tokens', 'USD', '-7.8e-17'],
  ['2026-01-28', null, null, 'Vector storage', 'EUR', '1.50e-7'],
  ['2026-01-28', 'proj_a', 'key_2', 'gpt-6-astra, input_tokens', 'EUR', '2.5E+3'],
  ['2026-01-28', 'proj_a', 'key_2', 'gpt-6-astra, output_tokens', 'USD', '0'],
  ['2026-01-28', 'proj_b', null, 'web search tool calls', 'USD', '-0.00'],
  ['2026-01-29', 'proj_a', 'key_1', 'images', 'GBP', '0.1'],
  ['2026-01-29', 'proj_b', 'key_3', 'images, large', 'JPY', '120'],
  ['2026-01-29', 'proj_b', 'key_3', 'images, refunded', 'JPY', '-20'],
  ['2026-01-29', 'proj_a', 'key_1', 'whisper-1, audio', 'GBP', '0.2'],
  ['2026-01-31', null, null, 'Credit', 'EUR', '-0.333333333333333333'],
  ['2026-01-31', null, null, 'Scale tier', 'USD', '99999999999999999.00000001'],
  ['2026-02-01', 'proj_a', 'key_1', 'images', 'USD', '0.1'],
  ['2026-02-01', 'proj_a', 'key_1', 'images, large', 'USD', '0.2'],
  ['2026-02-02', 'proj_a', 'key_1', 'images', 'USD', '1e2'],
  ['2026-02-02', 'proj_a', 'key_1', 'images, large', 'USD', '1E-18'],
  ['2026-02-04', 'proj_b', null, 'Credit', 'EUR', '-2500.00000015'],
  ['2026-02-04', 'proj_b', null, null, 'USD', '-0.1234567890123456789012345'],
];

/** Each amount counts with the 18 fraction digits that the warehouse keeps. */
const DAY_TOTALS = [
  ['2026-01-26', 'USD', '1234567.135999789012345600'],
  ['2026-01-28', 'EUR', '2500.000000150000000000'],
  ['2026-01-28', 'USD', '0.000000000000000000'],
  ['2026-01-29', 'GBP', '0.300000000000000000'],
  ['2026-01-29', 'JPY', '100.000000000000000000'],
  ['2026-01-31', 'EUR', '-0.333333333333333333'],
  ['2026-01-31', 'USD', '99999999999999999.000000010000000000'],
  ['2026-02-01', 'USD', '0.300000000000000000'],
  ['2026-02-02', 'USD', '100.000000000000000001'],
  ['2026-02-04', 'EUR', '-2500.000000150000000000'],
  ['2026-02-04', 'USD', '-0.123456789012345679'],
];

const MONEY = [
  { column: 'amount', currency: 'EUR', sum: '-0.333333333333333333' },
  { column: 'amount', currency: 'GBP', sum: '0.3' },
  { column: 'amount', currency: 'JPY', sum: '100' },
  { column: 'amount', currency: 'USD', sum: '100000000001234666.312543009999999922' },
];

const aCost = (value: string, index: number): string =>
  `{"amount": {"value": ${value}, "currency": "usd"}, "line_item": "item ${index}"}`;

describe('a server that is compatible with OpenAI', () => {
  let server: OpenAiCompatibleServer;
  let service: TestService;
  let api: ApiClient;

  beforeAll(async () => {
    server = await OpenAiCompatibleServer.start(DAYS);
    service = await TestService.start({ OPENAI_BASE_URL: server.baseUrl });
    api = await service.givenOrganization(ORG, { openai: server.secret });
  });

  beforeEach(() => {
    server.takeRequests();
  });

  afterAll(async () => {
    await service.stop();
    await server.stop();
  });

  const load = async (window: object, org = ORG, client = api) =>
    untilEnded(client, org, await startRun(client, org, COSTS, window));
  const table = async (columns: string, org = ORG) =>
    (await service.rows(`SELECT ${columns} FROM ${org}_dev.openai_costs ORDER BY usage_date, line_item`)).map(
      (row) => Object.values(row),
    );
  const received = (org = ORG) =>
    table('usage_date, project_id, api_key_id, line_item, currency, amount_text', org);
  const without = (day: string) => (rows: readonly (readonly (string | null)[])[]) =>
    rows.filter(([usageDate]) => usageDate !== day);

  it('has its pages loaded row by row, digit by digit', async () => {
    const run = await load(WINDOW);

    expect(run).toMatchObject({ status: 'completed', attempt: 1, error: null });
    expect(await received()).toEqual(ROWS);
    expect(server.takeRequests().map(({ query }) => [query.get('limit'), query.get('page')])).toEqual([
      ['7', null],
      ['7', '0+/=&?'],
    ]);
  });

  it('has its quantities loaded exactly, with units that are new', async () => {
    const quantities = await table('quantity, quantity_unit');

    expect(quantities.slice(0, 3)).toEqual([
      ['15.000000000000000000', 'furlongs'],
      ['6941666.000000000000000000', null],
      [null, null],
    ]);
  });

  it('has its amounts add up to what they add up to on paper', async () => {
    const totals = await service.rows(
      `SELECT usage_date, currency, sum(amount) AS total FROM acme_corp_dev.openai_costs GROUP BY ALL ORDER BY ALL`,
    );

    expect(totals.map((row) => Object.values(row))).toEqual(DAY_TOTALS);
  });

  it('gives the same table and the same receipt when the same days are run again', async () => {
    const before = await table('* EXCLUDE (_run_id, _loaded_at)');

    const { receipt } = await load(WINDOW);

    expect(await table('* EXCLUDE (_run_id, _loaded_at)')).toEqual(before);
    expect(receipt?.rows).toEqual({ extracted: 19, staged: 19, committed: 19, replaced: 19 });
    expect(receipt?.money.staged).toEqual(MONEY);
    expect(new Set(receipt?.money.extracted)).toEqual(new Set(MONEY));
    expect(receipt?.money.committed).toEqual(MONEY);
    expect(receipt?.restatement).toEqual({ figures: 0, entries: [] });
  });

  it('has a day that it restates replaced when the whole window is run again', async () => {
    const before = await received();
    server.restate(
      '2026-01-29',
      `"results": [{"amount": {"value": "119.50", "currency": "jpy"}, "line_item": "images, restated"}]`,
    );

    const { receipt } = await load(WINDOW);

    const after = await received();
    expect(receipt?.rows).toEqual({ extracted: 16, staged: 16, committed: 16, replaced: 19 });
    const restated = { day: '2026-01-29', column: 'amount' };
    expect(receipt?.restatement).toEqual({
      figures: 2,
      entries: [
        { ...restated, currency: 'GBP', before: '0.3', after: '0', difference: '-0.3' },
        { ...restated, currency: 'JPY', before: '100', after: '119.5', difference: '19.5' },
      ],
    });
    expect(after.filter(([day]) => day === '2026-01-29')).toEqual([
      ['2026-01-29', null, null, 'images, restated', 'JPY', '119.50'],
    ]);
    expect(without('2026-01-29')(after)).toEqual(without('2026-01-29')(before));
  });

  it('has a day that it takes back emptied when that day is run alone, and the others left untouched', async () => {
    const before = await table('*');
    server.restate('2026-01-29', '"results": []');

    const { receipt } = await load({ date: '2026-01-29' });

    expect(receipt?.rows).toEqual({ extracted: 0, staged: 0, committed: 0, replaced: 1 });
    expect(await table('*')).toEqual(without('2026-01-29')(before));
  });

  it('may write a number in any way', async () => {
    const client = await service.givenOrganization('spellings', { openai: server.secret });
    const spellings = [
      ['1E+2', '100'],
      ['-0', '0'],
      ['0e99999', '0'],
      ['1e0003', '1000'],
      ['1e-400', '0'],
      ['"+1.50"', '1.5'],
      ['".5"', '0.5'],
      ['"-1."', '-1'],
      ['"007"', '7'],
      [`0.${'0'.repeat(400)}1e401`, '1'],
    ] as const;
    server.restate(
      '2026-02-10',
      `"results": [${spellings.map(([value], index) => aCost(value, index)).join()}]`,
    );

    const run = await load({ date: '2026-02-10' }, 'spellings', client);

    expect(run).toMatchObject({ status: 'completed', error: null });
    expect(run.receipt?.money.committed).toEqual([{ column: 'amount', currency: 'USD', sum: '1109' }]);
    const loaded = await table('amount, amount_text', 'spellings');
    expect(loaded.map(([amount, text]) => [text, unpadded(amount!)])).toEqual(
      spellings.map(([value, amount]) => [value.replaceAll('"', ''), amount]),
    );
  });

  it.each([
    ['1e400', `1${'0'.repeat(38)}…`],
    ['-1e999999999', '-1e999999999'],
    ['123456789012345678901', '123456789012345678901'],
  ])('has a run fail by row, column and value when it bills %s', async (value, shown) => {
    server.restate('2026-02-11', `"results": [${aCost('1', 0)},${aCost(value, 1)}]`);

    const run = await load({ date: '2026-02-11' });

    expect(run).toMatchObject({
      status: 'failed',
      error: {
        code: 'schema_mismatch',
        message: `Row 2 for openai_costs: column "amount" is BIGNUMERIC, with 20 digits before the point here, but the value is the text "${shown}".`,
      },
    });
  });

  it('may ignore the limit and answer everything on one page', async () => {
    server.ignoresLimit = true;
    server.restate('2026-01-29', DAYS['2026-01-29']);
    const client = await service.givenOrganization('one_page', { openai: server.secret });

    const run = await load(WINDOW, 'one_page', client);

    expect(server.takeRequests()).toHaveLength(1);
    expect(await received('one_page')).toEqual(ROWS);
    expect(run).toMatchObject({
      status: 'completed',
      receipt: {
        rows: { extracted: 19, staged: 19, committed: 19, replaced: 0 },
        money: { staged: MONEY },
      },
    });
  });
});

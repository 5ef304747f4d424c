import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ProviderHttpClient, type Row } from '@pipelines/pipeline';
import { describeProcessorContract, FakeProvider } from '@pipelines/pipeline/testing';
import { OpenAiClient } from '../openai-client.ts';
import { ADMIN_KEY, asLastPage, bucketPage, contextOf, withoutCursor } from '../testing/openai-answers.ts';
import { OpenAiCostsProcessor } from './openai-costs.processor.ts';

const OPTIONS = { page_days: 2 };

/** A cost as the API was seen to answer it, with the amount as a string of 25 fraction digits. */
const MINI_INPUT = `{"object":"organization.costs.result","amount":{"value":"0.0125430000000000000000001","currency":"usd"},
  "line_item":"gpt-4o-mini-2024-07-18, input","project_id":"proj_A1","api_key_id":"key_1","quantity":6941666,
  "quantity_unit":"tokens","organization_id":"org-1"}`;
const STORAGE = `{"amount":{"value":12345678901234.1234567890123456789012345,"currency":"USD"},"line_item":"Vector storage",
  "project_id":"proj_A1","api_key_id":null,"quantity":"12.50","quantity_unit":"gibibyte_hours"}`;
const CREDIT = `{"amount":{"value":-1.50e-7,"currency":"eur"},"line_item":null,"project_id":null,"quantity":null}`;

const createProcessor = (url: string, http: ProviderHttpClient): OpenAiCostsProcessor =>
  new OpenAiCostsProcessor(new OpenAiClient({ baseUrl: `${url}/v1` }, http));

describe('OpenAiCostsProcessor', () => {
  let provider: FakeProvider;

  const extract = async (start: string, end: string): Promise<Row[]> => {
    const processor = createProcessor(
      provider.url,
      new ProviderHttpClient({ baseDelayMs: 1, maxAttempts: 2 }),
    );
    const rows: Row[] = [];
    for await (const batch of processor.extract(contextOf([start, end], OPTIONS))) rows.push(...batch);
    return rows;
  };

  beforeAll(async () => {
    provider = await FakeProvider.start();
  });

  beforeEach(() => {
    provider.requests.length = 0;
  });

  afterAll(() => provider.stop());

  it('turns every result of every page into a row, digit for digit', async () => {
    provider.answerInTurn(
      {
        body: bucketPage(
          [
            ['2026-11-01', `${MINI_INPUT},${STORAGE}`],
            ['2026-11-02', ''],
          ],
          'AAAA',
        ),
      },
      { body: bucketPage([['2026-11-03', CREDIT]]) },
    );

    const rows = await extract('2026-11-01', '2026-11-04');

    expect(rows).toEqual([
      {
        usage_date: '2026-11-01',
        project_id: 'proj_A1',
        api_key_id: 'key_1',
        line_item: 'gpt-4o-mini-2024-07-18, input',
        amount: '0.0125430000000000000000001',
        amount_text: '0.0125430000000000000000001',
        currency: 'USD',
        quantity: '6941666',
        quantity_unit: 'tokens',
      },
      {
        usage_date: '2026-11-01',
        project_id: 'proj_A1',
        api_key_id: null,
        line_item: 'Vector storage',
        amount: '12345678901234.1234567890123456789012345',
        amount_text: '12345678901234.1234567890123456789012345',
        currency: 'USD',
        quantity: '12.5',
        quantity_unit: 'gibibyte_hours',
      },
      {
        usage_date: '2026-11-03',
        project_id: null,
        api_key_id: null,
        line_item: null,
        amount: '-0.00000015',
        amount_text: '-1.50e-7',
        currency: 'EUR',
        quantity: null,
        quantity_unit: null,
      },
    ]);
  });

  it('repeats the query with the cursor, and sends the key in the header alone', async () => {
    provider.answerInTurn(
      { body: bucketPage([['2026-11-01', '']], 'a+b/c=') },
      { body: bucketPage([['2026-11-02', '']]) },
    );

    await extract('2026-11-01', '2026-11-03');

    const query =
      'start_time=1793491200&end_time=1793664000&bucket_width=1d&limit=2&group_by=project_id&group_by=line_item&group_by=api_key_id';
    expect(provider.requests.map(({ path, query }) => `${path}?${query.toString()}`)).toEqual([
      `/v1/organization/costs?${query}`,
      `/v1/organization/costs?${query}&page=a%2Bb%2Fc%3D`,
    ]);
    expect(provider.requests[0]!.headers.authorization).toBe(`Bearer ${ADMIN_KEY}`);
  });

  it('asks for no API keys before 2025-12-06, where grouping by them is refused', async () => {
    provider.answerInTurn(
      { body: bucketPage([['2025-12-05', '']]) },
      { body: bucketPage([['2025-12-06', '']]) },
    );

    await extract('2025-12-05', '2025-12-07');

    expect(
      provider.requests.map(({ query }) => [
        query.get('start_time'),
        query.get('end_time'),
        query.getAll('group_by'),
      ]),
    ).toEqual([
      ['1764892800', '1764979200', ['project_id', 'line_item']],
      ['1764979200', '1765065600', ['project_id', 'line_item', 'api_key_id']],
    ]);
  });

  it.each([
    ['2025-12-01', '2025-12-06', [['project_id', 'line_item']]],
    ['2025-12-06', '2025-12-07', [['project_id', 'line_item', 'api_key_id']]],
  ])('does not split a window that lies on one side: %s to %s', async (start, end, groupings) => {
    const days = ['2025-12-01', '2025-12-02', '2025-12-03', '2025-12-04', '2025-12-05', '2025-12-06'];
    const within = days.filter((day) => day >= start && day < end);
    provider.answerInTurn({ body: bucketPage(within.map((day) => [day, ''] as const)) });

    await extract(start, end);

    expect(provider.requests.map(({ query }) => query.getAll('group_by'))).toEqual(groupings);
  });

  it('ends the window of today now, since an end in the future is refused', async () => {
    jest.useFakeTimers({
      now: new Date('2026-11-23T10:00:00.700Z'),
      doNotFake: ['setTimeout', 'setImmediate', 'nextTick', 'queueMicrotask'],
    });
    try {
      provider.answerInTurn({ body: bucketPage([['2026-11-23', '']]) });

      await extract('2026-11-23', '2026-11-24');

      expect(provider.requests[0]!.query.get('end_time')).toBe(
        String(Date.parse('2026-11-23T10:00:00Z') / 1000),
      );
    } finally {
      jest.useRealTimers();
    }
  });

  it.each([
    [
      'an absent amount',
      '{"line_item":"x"}',
      '$.data[0].results[0].amount should be an object, found nothing',
    ],
    ['a null amount', '{"amount":null}', '$.data[0].results[0].amount should be an object, found null'],
    [
      'an absent value',
      '{"amount":{"currency":"usd"}}',
      '$.data[0].results[0].amount.value should be a decimal number, found nothing',
    ],
    [
      'a value that is no number',
      '{"amount":{"value":"12,50","currency":"usd"}}',
      '$.data[0].results[0].amount.value should be a decimal number',
    ],
    [
      'an absent currency',
      '{"amount":{"value":1}}',
      '$.data[0].results[0].amount.currency should be a string, found nothing',
    ],
    [
      'an empty currency',
      '{"amount":{"value":1,"currency":""}}',
      '$.data[0].results[0].amount.currency should be a currency code of three letters',
    ],
    [
      'a project that is no string',
      '{"amount":{"value":1,"currency":"usd"},"project_id":{}}',
      '$.data[0].results[0].project_id should be a string, found an object',
    ],
  ])('refuses %s instead of guessing', async (_kind, result, message) => {
    provider.answerInTurn({ body: bucketPage([['2026-11-01', result]]) });

    await expect(extract('2026-11-01', '2026-11-02')).rejects.toMatchObject({
      code: 'provider_response_invalid',
      message: expect.stringContaining(message),
    });
  });
});

describeProcessorContract('OpenAiCostsProcessor', {
  create: createProcessor,
  options: OPTIONS,
  secret: { api_key: ADMIN_KEY },
  window: { start: '2026-11-01', end: '2026-11-04' },
  asksForPage: () => true,
  asLastPage,
  withoutCursor,
  answer: ({ query }) => ({
    body: query.has('page')
      ? bucketPage([['2026-11-03', CREDIT]])
      : bucketPage(
          [
            ['2026-11-01', `${MINI_INPUT},${STORAGE}`],
            ['2026-11-02', ''],
          ],
          'AAAA',
        ),
  }),
});

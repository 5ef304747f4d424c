import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { ProviderHttpClient, type Row } from '@pipelines/pipeline';
import { describeProcessorContract, FakeProvider, LeapingClock } from '@pipelines/pipeline/testing';
import { OpenAiClient } from '../openai-client.ts';
import type { OpenAiSecret } from '../openai.secret.ts';
import {
  ADMIN_KEY,
  asksForNames,
  asLastPage,
  bucketPage,
  contextOf,
  inTurn,
  withNames,
  withoutCursor,
  withoutNames,
} from '../testing/openai-answers.ts';
import { OpenAiCostsProcessor } from './openai-costs.processor.ts';

const OPTIONS = { page_days: 2, leave_out: [] };

/** A cost as the API was seen to answer it, with the amount as a string of 25 fraction digits. */
const MINI_INPUT = `{"object":"organization.costs.result","amount":{"value":"0.0125430000000000000000001","currency":"usd"},
  "line_item":"gpt-4o-mini-2024-07-18, input","project_id":"proj_A1","api_key_id":"key_1","quantity":6941666,
  "quantity_unit":"tokens","organization_id":"org-1"}`;
const STORAGE = `{"amount":{"value":12345678901234.1234567890123456789012345,"currency":"USD"},"line_item":"Vector storage",
  "project_id":"proj_A1","api_key_id":null,"quantity":"12.50","quantity_unit":"gibibyte_hours"}`;
const CREDIT = `{"amount":{"value":-1.50e-7,"currency":"eur"},"line_item":null,"project_id":null,"quantity":null}`;

/** What is not said of rows below is null. */
const BLANK = {
  ...{
    organization_id: null,
    organization_name: null,
    project_id: null,
    project_name: null,
    api_key_id: null,
  },
  ...{
    api_key_name: null,
    user_id: null,
    user_name: null,
    line_item: null,
    service_tier: null,
    product: null,
  },
  ...{ model: null, meter: null, qualifiers: null, quantity: null, quantity_unit: null },
};

const costOf = (value: string, lineItem = 'o3, input'): string =>
  `{"amount":{"value":${value},"currency":"usd"},"line_item":"${lineItem}","project_id":"proj_A1","api_key_id":"key_1"}`;

const createProcessor = (url: string, http: ProviderHttpClient): OpenAiCostsProcessor =>
  new OpenAiCostsProcessor(new OpenAiClient({ baseUrl: `${url}/v1` }, http));

describe('OpenAiCostsProcessor', () => {
  let provider: FakeProvider;

  const extract = async (start: string, end: string, secret?: Partial<OpenAiSecret>): Promise<Row[]> => {
    const processor = createProcessor(
      provider.url,
      new ProviderHttpClient({ maxAttempts: 2, clock: new LeapingClock() }),
    );
    const rows: Row[] = [];
    for await (const batch of processor.extract(contextOf([start, end], OPTIONS, secret)))
      rows.push(...batch);
    return rows;
  };
  const pageRequests = () => provider.requests.filter((request) => !asksForNames(request));
  const amounts = (rows: readonly Row[]) => rows.map(({ usage_date, amount }) => [usage_date, amount]);

  beforeAll(async () => {
    Logger.overrideLogger(false);
    provider = await FakeProvider.start();
  });

  beforeEach(() => {
    provider.requests.length = 0;
  });

  afterAll(() => provider.stop());

  it('turns every result of every page into a row, digit for digit, with names', async () => {
    provider.answer = inTurn(
      bucketPage(
        [
          ['2026-11-01', `${MINI_INPUT},${STORAGE}`],
          ['2026-11-02', ''],
        ],
        'AAAA',
      ),
      bucketPage([['2026-11-03', CREDIT]]),
    );

    const rows = await extract('2026-11-01', '2026-11-04');

    expect(rows).toEqual([
      {
        ...BLANK,
        usage_date: '2026-11-01',
        organization_id: 'org-1',
        project_id: 'proj_A1',
        project_name: 'Assistant',
        api_key_id: 'key_1',
        api_key_name: 'production',
        user_id: 'user-1',
        user_name: 'Ada',
        line_item: 'gpt-4o-mini-2024-07-18, input',
        product: 'gpt-4o-mini-2024-07-18',
        model: 'gpt-4o-mini-2024-07-18',
        meter: 'input',
        amount: '0.0125430000000000000000001',
        amount_text: '0.0125430000000000000000001',
        currency: 'USD',
        quantity: '6941666',
        quantity_unit: 'tokens',
      },
      {
        ...BLANK,
        usage_date: '2026-11-01',
        project_id: 'proj_A1',
        project_name: 'Assistant',
        line_item: 'Vector storage',
        product: 'Vector storage',
        amount: '12345678901234.1234567890123456789012345',
        amount_text: '12345678901234.1234567890123456789012345',
        currency: 'USD',
        quantity: '12.5',
        quantity_unit: 'gibibyte_hours',
      },
      {
        ...BLANK,
        usage_date: '2026-11-03',
        amount: '-0.00000015',
        amount_text: '-1.50e-7',
        currency: 'EUR',
      },
    ]);
  });

  it('names the organization by the credential where the answer does not', async () => {
    provider.answer = inTurn(bucketPage([['2026-11-01', `${STORAGE},${MINI_INPUT}`]]));

    const rows = await extract('2026-11-01', '2026-11-02', {
      organization_id: 'org-stored',
      organization_name: 'Acme',
    });

    expect(
      rows.map(({ organization_id, organization_name }) => [organization_id, organization_name]),
    ).toEqual([
      ['org-stored', 'Acme'],
      ['org-1', 'Acme'],
    ]);
  });

  it('loads costs without names when the key may not read them', async () => {
    provider.answer = withoutNames(() => ({ body: bucketPage([['2026-11-01', MINI_INPUT]]) }));

    expect(await extract('2026-11-01', '2026-11-02')).toMatchObject([
      {
        ...{ project_id: 'proj_A1', project_name: null, api_key_id: 'key_1', api_key_name: null },
        ...{ user_id: null, user_name: null, amount: '0.0125430000000000000000001' },
      },
    ]);
  });

  it('loads costs when names are limited for longer than a run waits', async () => {
    const pages = inTurn(
      bucketPage([['2026-11-01', costOf('1')]], 'A'),
      bucketPage([['2026-11-02', costOf('2')]], 'B'),
      bucketPage([['2026-11-03', costOf('3')]]),
    );
    provider.answer = (request) =>
      asksForNames(request) ? { status: 429, headers: { 'retry-after': '600' }, body: '{}' } : pages(request);

    expect(amounts(await extract('2026-11-01', '2026-11-04'))).toEqual([
      ['2026-11-01', '1'],
      ['2026-11-02', '2'],
      ['2026-11-03', '3'],
    ]);
  });

  it('yields no row of a window without costs, and asks for no names', async () => {
    provider.answer = inTurn(
      bucketPage([
        ['2026-11-01', ''],
        ['2026-11-02', ''],
      ]),
    );

    expect(await extract('2026-11-01', '2026-11-03')).toEqual([]);
    expect(provider.requests).toHaveLength(1);
  });

  it('takes up what came late and what was corrected when the days are loaded again', async () => {
    const late = costOf('"0.25"', 'Vector storage');
    provider.answer = inTurn(
      bucketPage([
        ['2026-11-01', costOf('"1.10"')],
        ['2026-11-02', ''],
      ]),
    );
    const before = await extract('2026-11-01', '2026-11-03');
    provider.answer = inTurn(
      bucketPage([
        ['2026-11-01', `${costOf('"1.1375"')},${late}`],
        ['2026-11-02', costOf('-0.5')],
      ]),
    );

    const after = await extract('2026-11-01', '2026-11-03');

    expect(amounts(before)).toEqual([['2026-11-01', '1.1']]);
    expect(amounts(after)).toEqual([
      ['2026-11-01', '1.1375'],
      ['2026-11-01', '0.25'],
      ['2026-11-02', '-0.5'],
    ]);
  });

  it('keeps the days on both sides of a new year apart, to the second', async () => {
    provider.answer = inTurn(
      bucketPage([
        ['2025-12-31', costOf('1')],
        ['2026-01-01', costOf('2')],
      ]),
    );

    const rows = await extract('2025-12-31', '2026-01-02');

    expect(amounts(rows)).toEqual([
      ['2025-12-31', '1'],
      ['2026-01-01', '2'],
    ]);
    expect(pageRequests()[0]!.query.get('start_time')).toBe('1767139200');
  });

  it.each([
    ['a rate limit that lasts', 429, 'provider_rate_limited', 12, 20],
    ['a server error that lasts', 500, 'provider_unavailable', 3, 3],
  ])('fails transiently after %s, whatever names were read', async (_kind, status, code, least, most) => {
    provider.answer = withNames(({ query }) =>
      query.has('page')
        ? { status, headers: { 'retry-after': '0' }, body: '{}' }
        : { body: bucketPage([['2026-11-01', MINI_INPUT]], 'AAAA') },
    );

    await expect(extract('2026-11-01', '2026-11-03')).rejects.toMatchObject({ code, transient: true });
    expect(pageRequests().length).toBeGreaterThanOrEqual(least);
    expect(pageRequests().length).toBeLessThanOrEqual(most);
  });

  it('fails on a page that is cut off', async () => {
    const whole = bucketPage([['2026-11-01', MINI_INPUT]]);
    provider.answer = inTurn(whole.slice(0, whole.length / 2));

    await expect(extract('2026-11-01', '2026-11-02')).rejects.toMatchObject({
      code: 'provider_response_invalid',
    });
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
  asksForPage: (request) => !asksForNames(request),
  asLastPage,
  withoutCursor,
  answer: withoutNames(({ query }) => ({
    body: query.has('page')
      ? bucketPage([['2026-11-03', CREDIT]])
      : bucketPage(
          [
            ['2026-11-01', `${MINI_INPUT},${STORAGE}`],
            ['2026-11-02', ''],
          ],
          'AAAA',
        ),
  })),
});

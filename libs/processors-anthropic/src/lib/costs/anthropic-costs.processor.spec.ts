import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { ProviderHttpClient, type Row } from '@pipelines/pipeline';
import {
  describeProcessorContract,
  FakeProvider,
  LeapingClock,
  limitedPerMinute,
  type FakeReply,
  type FakeRequest,
} from '@pipelines/pipeline/testing';
import { AnthropicClient } from '../anthropic-client.ts';
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
} from '../testing/anthropic-answers.ts';
import { AnthropicCostsProcessor } from './anthropic-costs.processor.ts';

const OPTIONS = { page_days: 2, leave_out: [] };

const INPUT = `{"currency":"USD","amount":"123.45","workspace_id":null,"description":"Claude Sonnet 4.5 Usage - Input Tokens",
  "cost_type":"tokens","context_window":"0-200k","model":"claude-sonnet-4-5","service_tier":"standard",
  "token_type":"uncached_input_tokens","inference_geo":"global"}`;
const SEARCH = `{"currency":"usd","amount":"1204.507500000000000000000001","workspace_id":"wrkspc_1",
  "description":"Web Search Usage","cost_type":"web_search","context_window":null,"model":null,"service_tier":null,
  "token_type":null,"inference_geo":null}`;
const CREDIT = `{"currency":"USD","amount":"-0.5","workspace_id":"wrkspc_gone","description":"Service credit","cost_type":"goodwill"}`;

/** What is not said of rows below is null. */
const BLANK = {
  ...{ default_workspace_id: null, workspace_name: null, cost_type: null, token_type: null, model: null },
  ...{ service_tier: null, context_window: null, inference_geo: null },
};
const ORGANIZATION = {
  organization_id: '12345678-0000-4000-8000-000000000000',
  organization_name: 'Acme',
};

const costOf = (amount: string): string =>
  `{"currency":"USD","amount":${amount},"workspace_id":"wrkspc_1","description":"d"}`;

const createProcessor = (url: string, http: ProviderHttpClient): AnthropicCostsProcessor =>
  new AnthropicCostsProcessor(new AnthropicClient({ baseUrl: url }, http));

describe('AnthropicCostsProcessor', () => {
  let provider: FakeProvider;

  const extract = async (start: string, end: string): Promise<Row[]> => {
    const processor = createProcessor(
      provider.url,
      new ProviderHttpClient({ maxAttempts: 2, clock: new LeapingClock() }),
    );
    const rows: Row[] = [];
    for await (const batch of processor.extract(contextOf([start, end], OPTIONS))) rows.push(...batch);
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

  it('turns every result of every page into a row in dollars, with names', async () => {
    provider.answer = inTurn(
      bucketPage(
        [
          ['2026-11-01', `${INPUT},${SEARCH}`],
          ['2026-11-02', ''],
        ],
        'AAAA',
      ),
      bucketPage([['2026-11-03', CREDIT]]),
    );

    const rows = await extract('2026-11-01', '2026-11-04');

    expect(rows).toEqual([
      {
        ...ORGANIZATION,
        usage_date: '2026-11-01',
        workspace_id: null,
        default_workspace_id: 'wrkspc_0',
        workspace_name: 'Default',
        description: 'Claude Sonnet 4.5 Usage - Input Tokens',
        cost_type: 'tokens',
        token_type: 'uncached_input_tokens',
        model: 'claude-sonnet-4-5',
        service_tier: 'standard',
        context_window: '0-200k',
        inference_geo: 'global',
        amount: '1.2345',
        amount_text: '123.45',
        currency: 'USD',
      },
      {
        ...BLANK,
        ...ORGANIZATION,
        usage_date: '2026-11-01',
        workspace_id: 'wrkspc_1',
        workspace_name: 'Assistant',
        description: 'Web Search Usage',
        cost_type: 'web_search',
        amount: '12.04507500000000000000000001',
        amount_text: '1204.507500000000000000000001',
        currency: 'USD',
      },
      {
        ...BLANK,
        ...ORGANIZATION,
        usage_date: '2026-11-03',
        workspace_id: 'wrkspc_gone',
        description: 'Service credit',
        cost_type: 'goodwill',
        amount: '-0.005',
        amount_text: '-0.5',
        currency: 'USD',
      },
    ]);
    expect(pageRequests()[0]!.query.getAll('group_by[]')).toEqual(['workspace_id', 'description']);
  });

  it.each([
    ['"123.45"', 'USD', '1.2345'],
    ['"1"', 'USD', '0.01'],
    ['100', 'EUR', '1'],
    ['"0"', 'USD', '0'],
    ['"-0.0000000001"', 'USD', '-0.000000000001'],
    ['"9007199254740993.01"', 'USD', '90071992547409.9301'],
    // A currency whose lowest unit is the main one.
    ['"123.45"', 'JPY', '123.45'],
  ])('counts %s in the lowest unit of %s as %s', async (amount, currency, expected) => {
    provider.answer = inTurn(bucketPage([['2026-11-01', costOf(amount).replace('USD', currency)]]));

    expect(await extract('2026-11-01', '2026-11-02')).toMatchObject([{ amount: expected, currency }]);
  });

  it('says on the table that Priority Tier spend is not in it', () => {
    const { description } = createProcessor(provider.url, new ProviderHttpClient()).schemaFor(OPTIONS);

    expect(description).toContain('Priority Tier spend is not among them');
  });

  it('loads costs without names when the key may not read them', async () => {
    provider.answer = withoutNames(() => ({ body: bucketPage([['2026-11-01', INPUT]]) }));

    expect(await extract('2026-11-01', '2026-11-02')).toMatchObject([
      {
        ...{ organization_id: null, organization_name: null, workspace_id: null, default_workspace_id: null },
        ...{ workspace_name: null, amount: '1.2345' },
      },
    ]);
  });

  it('yields no row of a window without costs, nor of a day without a bucket, and asks for no names', async () => {
    provider.answer = inTurn(bucketPage([['2026-11-01', '']]));

    expect(await extract('2026-11-01', '2026-11-03')).toEqual([]);
    expect(provider.requests).toHaveLength(1);
  });

  it('takes up what came late and what was corrected when the days are loaded again', async () => {
    provider.answer = inTurn(bucketPage([['2026-11-01', costOf('"110"')]]));
    const before = await extract('2026-11-01', '2026-11-03');
    provider.answer = inTurn(
      bucketPage([
        ['2026-11-01', costOf('"113.75"')],
        ['2026-11-02', costOf('"-50"')],
      ]),
    );

    const after = await extract('2026-11-01', '2026-11-03');

    expect(amounts(before)).toEqual([['2026-11-01', '1.1']]);
    expect(amounts(after)).toEqual([
      ['2026-11-01', '1.1375'],
      ['2026-11-02', '-0.5'],
    ]);
  });

  it('keeps the days on both sides of a new year apart', async () => {
    provider.answer = inTurn(
      bucketPage([
        ['2025-12-31', costOf('"100"')],
        ['2026-01-01', costOf('"200"')],
      ]),
    );

    const rows = await extract('2025-12-31', '2026-01-02');

    expect(amounts(rows)).toEqual([
      ['2025-12-31', '1'],
      ['2026-01-01', '2'],
    ]);
    expect(pageRequests()[0]!.query.get('starting_at')).toBe('2025-12-31T00:00:00Z');
  });

  it('asks for a completed day beside today, which alone is refused, and leaves its costs out', async () => {
    jest.useFakeTimers({
      now: new Date('2026-11-01T10:00:00.700Z'),
      doNotFake: ['setTimeout', 'setImmediate', 'nextTick', 'queueMicrotask'],
    });
    try {
      provider.answer = inTurn(
        bucketPage([
          ['2026-10-31', costOf('"100"')],
          ['2026-11-01', costOf('"200"')],
        ]),
      );

      const rows = await extract('2026-11-01', '2026-11-02');

      expect(amounts(rows)).toEqual([['2026-11-01', '2']]);
      const { query } = pageRequests()[0]!;
      expect([query.get('starting_at'), query.get('ending_at')]).toEqual([
        '2026-10-31T00:00:00Z',
        '2026-11-01T10:00:00Z',
      ]);
    } finally {
      jest.useRealTimers();
    }
  });

  it.each([
    ['a rate limit that lasts', 429, 'provider_rate_limited', 12, 20],
    ['a server error that lasts', 500, 'provider_unavailable', 3, 3],
    ['an overload that lasts', 529, 'provider_unavailable', 3, 3],
  ])('fails transiently after %s, whatever names were read', async (_kind, status, code, least, most) => {
    provider.answer = withNames(({ query }) =>
      query.has('page')
        ? { status, headers: { 'retry-after': '0' }, body: '{}' }
        : { body: bucketPage([['2026-11-01', INPUT]], 'AAAA') },
    );

    await expect(extract('2026-11-01', '2026-11-03')).rejects.toMatchObject({ code, transient: true });
    expect(pageRequests().length).toBeGreaterThanOrEqual(least);
    expect(pageRequests().length).toBeLessThanOrEqual(most);
  });

  it('fails on a page that is cut off', async () => {
    const whole = bucketPage([['2026-11-01', INPUT]]);
    provider.answer = inTurn(whole.slice(0, whole.length / 2));

    await expect(extract('2026-11-01', '2026-11-02')).rejects.toMatchObject({
      code: 'provider_response_invalid',
    });
  });

  it.each([
    ['an absent amount', '{"currency":"USD"}', 'amount should be a decimal number, found nothing'],
    ['a null amount', '{"currency":"USD","amount":null}', 'amount should be a decimal number, found null'],
    [
      'an amount that is no number',
      '{"currency":"USD","amount":"12,50"}',
      'amount should be a decimal number',
    ],
    ['an absent currency', '{"amount":"1"}', 'currency should be a string, found nothing'],
    [
      'an empty currency',
      '{"amount":"1","currency":""}',
      'currency should be a currency code of three letters',
    ],
    [
      'a workspace that is no string',
      '{"amount":"1","currency":"USD","workspace_id":{}}',
      'workspace_id should be a string, found an object',
    ],
  ])('refuses %s instead of guessing', async (_kind, result, message) => {
    provider.answer = inTurn(bucketPage([['2026-11-01', result]]));

    await expect(extract('2026-11-01', '2026-11-02')).rejects.toMatchObject({
      code: 'provider_response_invalid',
      message: expect.stringContaining(`$.data[0].results[0].${message}`),
    });
  });
});

describe('AnthropicCostsProcessor while the organization is limited to 5 requests a minute', () => {
  const DAY_MS = 86_400_000;
  const dayAt = (index: number): string =>
    new Date(Date.parse('2026-09-01') + index * DAY_MS).toISOString().slice(0, 10);
  /** A dollar a day, seven days a page; the cursor is the index of the day. */
  const page = ({ query }: FakeRequest): FakeReply => {
    const first = Number(query.get('page') ?? 0);
    const days = Array.from({ length: Math.min(7, 90 - first) }, (_, index) => dayAt(first + index));
    const next = first + 7;
    return {
      body: bucketPage(
        days.map((day) => [day, costOf('"100"')]),
        next < 90 ? String(next) : undefined,
      ),
    };
  };
  let provider: FakeProvider;

  beforeAll(async () => {
    Logger.overrideLogger(false);
    provider = await FakeProvider.start();
  });

  afterAll(() => provider.stop());

  it.each([
    ['names the next minute', (reset: Date) => reset.toISOString()],
    ['names an instant that is past', () => '2026-11-30T00:00:00Z'],
  ])('gets a quarter of a year in one go when the limit %s', async (_what, resetOf) => {
    const clock = new LeapingClock();
    const started = clock.now();
    provider.requests.length = 0;
    provider.answer = limitedPerMinute(clock, 5, withNames(page), (reset) => ({
      status: 429,
      headers: {
        'anthropic-ratelimit-requests-limit': '5',
        'anthropic-ratelimit-requests-remaining': '0',
        'anthropic-ratelimit-requests-reset': resetOf(reset),
      },
      body: '{"type":"error","error":{"type":"rate_limit_error","message":"This request would exceed your organization rate limit."}}',
    }));
    const processor = createProcessor(provider.url, new ProviderHttpClient({ clock }));
    const rows: Row[] = [];

    const context = contextOf(['2026-09-01', '2026-11-30'], { page_days: 7, leave_out: [] });
    for await (const batch of processor.extract(context)) rows.push(...batch);

    expect(rows.map(({ amount, usage_date }) => [usage_date, amount])).toEqual(
      Array.from({ length: 90 }, (_, index) => [dayAt(index), '1']),
    );
    expect(rows.every(({ workspace_name }) => workspace_name === 'Assistant')).toBe(true);
    expect(clock.now() - started).toBeLessThan(5 * 60_000);
    expect(provider.requests.length).toBeLessThan(60);
  });
});

describeProcessorContract('AnthropicCostsProcessor', {
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
            ['2026-11-01', `${INPUT},${SEARCH}`],
            ['2026-11-02', ''],
          ],
          'AAAA',
        ),
  })),
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ProviderHttpClient } from '@pipelines/pipeline';
import { FakeProvider, LeapingClock, type FakeReply } from '@pipelines/pipeline/testing';
import type { BucketWidth } from './anthropic-buckets.ts';
import { AnthropicClient } from './anthropic-client.ts';
import { ADMIN_KEY, bucketPage, contextOf, hourPage, listPage } from './testing/anthropic-answers.ts';

const WINDOW = { start: '2026-11-01', end: '2026-11-04' };

describe('AnthropicClient', () => {
  let provider: FakeProvider;

  const clientAt = (baseUrl: string): AnthropicClient =>
    new AnthropicClient({ baseUrl }, new ProviderHttpClient({ maxAttempts: 2, clock: new LeapingClock() }));
  const buckets = async (bucketWidth: BucketWidth = '1d', baseUrl = provider.url): Promise<string[]> => {
    const seen: string[] = [];
    const query = {
      path: 'organizations/cost_report',
      window: WINDOW,
      bucketWidth,
      groupBy: ['workspace_id', 'description'],
      pageDays: 1,
    };
    const context = contextOf([WINDOW.start, WINDOW.end], {});
    for await (const { day, start, results } of clientAt(baseUrl).buckets(query, context)) {
      seen.push(`${bucketWidth === '1d' ? day : start}: ${results.length}`);
    }
    return seen;
  };

  beforeAll(async () => {
    provider = await FakeProvider.start();
  });

  beforeEach(() => {
    provider.requests.length = 0;
  });

  afterAll(() => provider.stop());

  it('walks a long window in parts, each without a cursor of an earlier one', async () => {
    const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
    provider.answer = ({ query }) => {
      const [start, end] = [Date.parse(query.get('starting_at')!), Date.parse(query.get('ending_at')!)];
      const from = query.has('page') ? Number(query.get('page')) : start;
      const to = Math.min(end, from + Number(query.get('limit')) * 86_400_000);
      const starts = Array.from(
        { length: (to - from) / 86_400_000 },
        (_, index) => from + index * 86_400_000,
      );
      return {
        body: bucketPage(
          starts.map((at) => [dayOf(at), '{}']),
          to < end ? String(to) : undefined,
        ),
      };
    };
    const window = { start: '2025-11-01', end: '2026-11-01' };
    const query = {
      path: 'organizations/cost_report',
      window,
      from: '2025-10-31',
      groupBy: [],
      pageDays: 31,
    };
    const seen: string[] = [];

    const context = contextOf([window.start, window.end], {});
    for await (const { day } of clientAt(provider.url).buckets(query, context)) seen.push(day);

    expect([seen.length, new Set(seen).size, seen[0], seen.at(-1)]).toEqual([
      365,
      365,
      '2025-11-01',
      '2026-10-31',
    ]);
    const parts = provider.requests.filter(({ query }) => !query.has('page'));
    expect(parts.map(({ query }) => query.get('starting_at'))).toEqual(
      ['2025-10-31', '2026-01-30', '2026-05-01', '2026-07-31'].map((day) => `${day}T00:00:00Z`),
    );
  });

  it('repeats the query with the cursor, and sends the key in the header alone', async () => {
    provider.answerInTurn(
      { body: bucketPage([['2026-11-01', '{}']], 'a+b/c=') },
      { body: bucketPage([['2026-11-02', '{},{}']]) },
    );

    expect(await buckets()).toEqual(['2026-11-01: 1', '2026-11-02: 2']);
    const query =
      'starting_at=2026-11-01T00%3A00%3A00Z&ending_at=2026-11-04T00%3A00%3A00Z&bucket_width=1d&limit=1&group_by%5B%5D=workspace_id&group_by%5B%5D=description';
    expect(provider.requests.map(({ path, query }) => `${path}?${query.toString()}`)).toEqual([
      `/v1/organizations/cost_report?${query}`,
      `/v1/organizations/cost_report?${query}&page=a%2Bb%2Fc%3D`,
    ]);
    expect(provider.requests[0]!.headers).toMatchObject({
      'x-api-key': ADMIN_KEY,
      'anthropic-version': '2023-06-01',
    });
    expect(provider.requests[0]!.headers).not.toHaveProperty('authorization');
  });

  it.each(['', '/', '/v1', '/v1/'])('takes the base URL with %j behind it', async (suffix) => {
    provider.answerInTurn({ body: bucketPage([]) });

    await buckets('1d', provider.url + suffix);

    expect(provider.requests[0]!.path).toBe('/v1/organizations/cost_report');
  });

  it('asks for 24 buckets a day by the hour, and tells each by its start', async () => {
    provider.answerInTurn({ body: hourPage('2026-11-01', 22, ['{}', '']) });

    expect(await buckets('1h')).toEqual(['2026-11-01T22:00:00Z: 1', '2026-11-01T23:00:00Z: 0']);
    expect(provider.requests[0]!.query.get('limit')).toBe('24');
  });

  it('takes a start that is written with another offset for the instant that it is', async () => {
    const page = bucketPage([['2026-11-01', '{}']]).replace(
      '2026-11-01T00:00:00Z',
      '2026-11-01T01:00:00+01:00',
    );
    provider.answerInTurn({ body: page });

    expect(await buckets()).toEqual(['2026-11-01: 1']);
  });

  it.each([
    [
      'a repeated cursor',
      [bucketPage([['2026-11-01', '']], 'A'), bucketPage([['2026-11-02', '']], 'A')],
      '$.next_page should be a cursor that was not given before',
    ],
    [
      'a missing cursor',
      [bucketPage([['2026-11-01', '']], 'A').replace('"A"', 'null')],
      '$.next_page should be a string, found null',
    ],
    [
      'a page without buckets that promises more',
      [bucketPage([['2026-11-01', '']], 'A'), bucketPage([], 'B')],
      '$.data should be an item at least, as more are promised',
    ],
    [
      'the same day twice',
      [
        bucketPage([
          ['2026-11-01', ''],
          ['2026-11-01', ''],
        ]),
      ],
      '$.data[1].starting_at should be a day of the window that no earlier bucket held, not 2026-11-01',
    ],
    ['a day before the window', [bucketPage([['2026-10-31', '']])], 'not 2026-10-31'],
    ['a day after the window', [bucketPage([['2026-11-04', '']])], 'not 2026-11-04'],
    [
      'a bucket that does not start a UTC day',
      [bucketPage([['2026-11-01', '']]).replace('01T00:00:00Z', '01T00:00:01Z')],
      '$.data[0].starting_at should be the start of a UTC day',
    ],
    [
      'a start that is no time',
      [bucketPage([['2026-11-01', '']]).replace('2026-11-01T00:00:00Z', 'Sunday')],
      '$.data[0].starting_at should be the start of a UTC day',
    ],
    [
      'a bucket without results',
      [bucketPage([['2026-11-01', '']]).replace('"results"', '"rows"')],
      '$.data[0].results should be an array, found nothing',
    ],
    [
      'a flag that is not one',
      [bucketPage([['2026-11-01', '']]).replace('"has_more":false', '"has_more":"no"')],
      '$.has_more should be true or false',
    ],
  ])('refuses %s', async (_kind, pages, message) => {
    provider.answerInTurn(...pages.map((body) => ({ body })));

    await expect(buckets()).rejects.toMatchObject({
      code: 'provider_response_invalid',
      message: expect.stringContaining(message),
    });
    expect(provider.requests).toHaveLength(pages.length);
  });

  describe('when more is promised than the window has', () => {
    const ALL = [
      ['2026-11-01', '{}'],
      ['2026-11-02', ''],
      ['2026-11-03', '{}'],
    ] as const;
    const REFUSED = {
      status: 400,
      body: '{"type":"error","error":{"type":"invalid_request_error","message":"page: invalid"}}',
    };

    it.each<[string, readonly FakeReply[]]>([
      ['a cursor that is refused', [{ body: bucketPage(ALL, 'A') }, REFUSED]],
      ['no cursor', [{ body: bucketPage(ALL, 'A').replace('"A"', 'null') }]],
      ['a page without buckets', [{ body: bucketPage(ALL, 'A') }, { body: bucketPage([], 'B') }, REFUSED]],
    ])('is complete with %s', async (_kind, replies) => {
      provider.answerInTurn(...replies);

      expect(await buckets()).toEqual(['2026-11-01: 1', '2026-11-02: 0', '2026-11-03: 1']);
    });

    it('fails with the refusal while a day of it is missing', async () => {
      provider.answerInTurn({ body: bucketPage(ALL.slice(0, 2), 'A') }, REFUSED);

      await expect(buckets()).rejects.toMatchObject({ code: 'provider_rejected_request' });
    });
  });

  it.each([
    [402, 'credential_rejected', false],
    [403, 'credential_rejected', false],
    [404, 'provider_rejected_request', false],
    [429, 'provider_rate_limited', true],
    [504, 'provider_unavailable', true],
    [529, 'provider_unavailable', true],
  ])('takes HTTP %d for %s', async (status, code, transient) => {
    provider.answerInTurn({
      status,
      headers: { 'retry-after': '0', 'request-id': 'req_1' },
      body: '{"type":"error","error":{"type":"some_error","message":"In words."},"request_id":"req_1"}',
    });

    await expect(buckets()).rejects.toMatchObject({
      code,
      transient,
      message: expect.stringContaining('It said: In words.'),
      operatorDetail: expect.stringContaining('request id req_1'),
    });
  });

  it('ends a list with an error when a page without items promises more', async () => {
    provider.answerInTurn({ body: listPage([], 'a') }, { body: listPage([], 'b') }, { body: listPage([]) });
    const context = contextOf(['2026-11-01', '2026-11-02'], {});
    const pages = clientAt(provider.url).pages({ path: 'organizations/api_keys' }, context);
    await pages.next();

    await expect(pages.next()).rejects.toMatchObject({ code: 'provider_response_invalid' });
    expect(provider.requests).toHaveLength(1);
  });

  it('walks lists by the last id of each page', async () => {
    provider.answerInTurn({ body: listPage(['{"id":"a"}'], 'a') }, { body: listPage(['{"id":"b"}']) });
    const seen: string[] = [];

    const query = { path: 'organizations/workspaces', parameters: { include_archived: 'true' } };
    for await (const items of clientAt(provider.url).pages(
      query,
      contextOf(['2026-11-01', '2026-11-02'], {}),
    )) {
      seen.push(...items.map((item) => item.get('id').text()));
    }

    expect(seen).toEqual(['a', 'b']);
    expect(provider.requests.map(({ query }) => query.toString())).toEqual([
      'limit=100&include_archived=true',
      'limit=100&include_archived=true&after_id=a',
    ]);
  });
});

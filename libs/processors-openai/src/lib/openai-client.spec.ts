import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ProviderHttpClient } from '@pipelines/pipeline';
import { FakeProvider, type FakeReply } from '@pipelines/pipeline/testing';
import { OpenAiClient } from './openai-client.ts';
import type { BucketWidth } from './openai-buckets.ts';
import { bucketPage, contextOf, hourPage, listPage } from './testing/openai-answers.ts';

describe('OpenAiClient', () => {
  let provider: FakeProvider;

  const days = async (start: string, end: string): Promise<string[]> => {
    const client = new OpenAiClient({ baseUrl: provider.url }, new ProviderHttpClient({ baseDelayMs: 1 }));
    const window = { start, end };
    const seen: string[] = [];
    const query = { path: 'organization/costs', window, groupBy: [], pageDays: 1 };
    for await (const { day, results } of client.buckets(query, contextOf([start, end], {}))) {
      seen.push(`${day}: ${results.length}`);
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

  it('yields empty days too, and does not take one for the end', async () => {
    provider.answerInTurn(
      { body: bucketPage([['2026-11-01', '']], 'A') },
      { body: bucketPage([['2026-11-02', '{}']], 'B') },
      { body: bucketPage([['2026-11-03', '']]) },
    );

    expect(await days('2026-11-01', '2026-11-04')).toEqual([
      '2026-11-01: 0',
      '2026-11-02: 1',
      '2026-11-03: 0',
    ]);
  });

  it('walks a long window in parts, each without a cursor of an earlier one', async () => {
    const DAY_S = 86_400;
    provider.answer = ({ query }) => {
      const [start, end] = [Number(query.get('start_time')), Number(query.get('end_time'))];
      const from = Number(query.get('page') ?? start);
      const to = Math.min(end, from + Number(query.get('limit')) * DAY_S);
      const starts = Array.from({ length: (to - from) / DAY_S }, (_, index) => from + index * DAY_S);
      const page = starts.map((at) => [new Date(at * 1000).toISOString().slice(0, 10), '{}'] as const);
      return { body: bucketPage(page, to < end ? String(to) : undefined) };
    };
    const client = new OpenAiClient({ baseUrl: provider.url }, new ProviderHttpClient());
    const window = { start: '2025-11-01', end: '2026-11-01' };
    const query = { path: 'organization/costs', window, groupBy: [], pageDays: 31 };
    const seen: string[] = [];

    for await (const { day } of client.buckets(query, contextOf([window.start, window.end], {}))) {
      seen.push(day);
    }

    expect([seen.length, new Set(seen).size, seen[0], seen.at(-1)]).toEqual([
      365,
      365,
      '2025-11-01',
      '2026-10-31',
    ]);
    const parts = provider.requests.filter(({ query }) => !query.has('page'));
    expect(parts.map(({ query }) => Number(query.get('end_time')) - Number(query.get('start_time')))).toEqual(
      [91, 91, 91, 92].map((days) => days * DAY_S),
    );
  });

  describe('while a page is worked on', () => {
    const startWalk = async () => {
      const client = new OpenAiClient({ baseUrl: provider.url }, new ProviderHttpClient({ maxAttempts: 1 }));
      const window = { start: '2026-11-01', end: '2026-11-03' };
      const query = { path: 'organization/costs', window, groupBy: [], pageDays: 1 };
      const walk = client.buckets(query, contextOf([window.start, window.end], {}));
      expect((await walk.next()).value).toMatchObject({ day: '2026-11-01' });
      return walk;
    };
    /** Answers the second request, and tells when it has come. */
    const secondAsked = (reply: FakeReply) =>
      new Promise<void>((asked) => {
        provider.answer = ({ query }) => {
          if (!query.has('page')) return { body: bucketPage([['2026-11-01', '{}']], 'A') };
          asked();
          return reply;
        };
      });

    it('fetches the next one, whose failure comes after the rows of the first', async () => {
      const asked = secondAsked({ body: '{' });
      const walk = await startWalk();
      await asked;

      await expect(walk.next()).rejects.toMatchObject({ code: 'provider_response_invalid' });
    });

    it('gives the next one up when nobody wants it any more', async () => {
      const asked = secondAsked('hang');
      const walk = await startWalk();
      await asked;

      expect(await walk.return(undefined)).toEqual({ done: true, value: undefined });
    });
  });

  it('reads the array by its older name', async () => {
    provider.answerInTurn({ body: bucketPage([['2026-11-01', '{},{}']]).replace('"results"', '"result"') });

    expect(await days('2026-11-01', '2026-11-02')).toEqual(['2026-11-01: 2']);
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
    ['a page without buckets that promises more', [bucketPage([], 'A')], '$.data should be an item at least'],
    [
      'the same day twice',
      [
        bucketPage([
          ['2026-11-01', ''],
          ['2026-11-01', ''],
        ]),
      ],
      '$.data[1].start_time should be a day of the window that no earlier bucket held, not 2026-11-01',
    ],
    ['a walk that ends early', [bucketPage([['2026-11-01', '']])], 'no bucket for 2026-11-02, 2026-11-03'],
    ['a day outside the window', [bucketPage([['2026-10-31', '']])], 'not 2026-10-31'],
    [
      'a bucket that does not start a UTC day',
      [bucketPage([['2026-11-01', '']]).replace('1793491200', '1793491201')],
      '$.data[0].start_time should be the start of a UTC day',
    ],
    [
      'an absurd start',
      [bucketPage([['2026-11-01', '']]).replace('1793491200', '864000000000000')],
      '$.data[0].start_time should be the start of a UTC day',
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

    await expect(days('2026-11-01', '2026-11-04')).rejects.toMatchObject({
      code: 'provider_response_invalid',
      message: expect.stringContaining(message),
    });
    expect(provider.requests).toHaveLength(pages.length);
  });

  describe('when every bucket of the window has come, though more are promised', () => {
    const REFUSED = {
      status: 400,
      body: '{"error":{"message":"The page token is invalid, have you modified the query parameters?","type":"invalid_request_error","param":null,"code":"invalid_request_error"}}',
    };
    const [FIRST, REST] = [
      [['2026-11-01', '{}']],
      [
        ['2026-11-02', '{},{}'],
        ['2026-11-03', ''],
      ],
    ] as const;

    it.each<[string, readonly FakeReply[]]>([
      ['a cursor that is refused', [{ body: bucketPage(REST, 'B') }, REFUSED]],
      ['a cursor that was given before', [{ body: bucketPage(REST, 'A') }]],
      ['no cursor', [{ body: bucketPage(REST, 'B').replace('"B"', 'null') }]],
      ['a page without buckets', [{ body: bucketPage(REST, 'B') }, { body: bucketPage([], 'C') }, REFUSED]],
    ])('is complete with %s', async (_kind, replies) => {
      provider.answerInTurn({ body: bucketPage(FIRST, 'A') }, ...replies);

      expect(await days('2026-11-01', '2026-11-04')).toEqual([
        '2026-11-01: 1',
        '2026-11-02: 2',
        '2026-11-03: 0',
      ]);
      expect(provider.requests.length).toBeLessThanOrEqual(1 + replies.length);
    });

    it('fails with the refusal when a bucket is missing', async () => {
      provider.answerInTurn({ body: bucketPage(FIRST, 'A') }, { body: bucketPage(REST, 'B') }, REFUSED);

      await expect(days('2026-11-01', '2026-11-05')).rejects.toMatchObject({
        code: 'provider_rejected_request',
        message: expect.stringContaining('The page token is invalid'),
      });
    });

    it('fails when the page that follows has a bucket again, or cannot be had for now', async () => {
      provider.answerInTurn({ body: bucketPage(FIRST, 'A') }, { body: bucketPage(FIRST) });
      await expect(days('2026-11-01', '2026-11-02')).rejects.toMatchObject({
        code: 'provider_response_invalid',
      });

      provider.answerInTurn({ body: bucketPage(FIRST, 'A') }, { status: 401, body: '{}' });
      await expect(days('2026-11-01', '2026-11-02')).rejects.toMatchObject({ code: 'credential_rejected' });
    });
  });

  describe('by the hour', () => {
    const starts = async (pages: readonly string[]): Promise<string[]> => {
      provider.answerInTurn(...pages.map((body) => ({ body })));
      const client = new OpenAiClient({ baseUrl: provider.url }, new ProviderHttpClient({ baseDelayMs: 1 }));
      const window = { start: '2026-11-01', end: '2026-11-02' };
      const query = {
        path: 'organization/usage/completions',
        window,
        bucketWidth: '1h' as BucketWidth,
        groupBy: [],
        optional: [],
        pageDays: 1,
      };
      const seen: string[] = [];
      for await (const { day, start } of client.buckets(query, contextOf(['2026-11-01', '2026-11-02'], {}))) {
        seen.push(`${day} ${start}`);
      }
      return seen;
    };
    const empty = (hours: number): string[] => Array.from({ length: hours }, () => '');

    it('asks for 24 buckets a day and tells each by its start', async () => {
      const seen = await starts([
        hourPage('2026-11-01', 0, empty(20), 'A'),
        hourPage('2026-11-01', 20, empty(4)),
      ]);

      expect(provider.requests[0]!.query.get('limit')).toBe('24');
      expect(seen).toHaveLength(24);
      expect([seen[0], seen[23]]).toEqual([
        '2026-11-01 2026-11-01T00:00:00Z',
        '2026-11-01 2026-11-01T23:00:00Z',
      ]);
    });

    it('misses an hour, and names the first that are missing', async () => {
      await expect(starts([hourPage('2026-11-01', 0, empty(10))])).rejects.toMatchObject({
        code: 'provider_response_invalid',
        message: expect.stringContaining(
          'no bucket for 2026-11-01T10:00:00Z, 2026-11-01T11:00:00Z, 2026-11-01T12:00:00Z, 2026-11-01T13:00:00Z, 2026-11-01T14:00:00Z and 9 more',
        ),
      });
    });

    it('refuses a bucket that starts no hour', async () => {
      const page = hourPage('2026-11-01', 0, empty(1)).replace('1793491200', '1793491260');

      await expect(starts([page])).rejects.toMatchObject({
        message: expect.stringContaining('$.data[0].start_time should be the start of an hour'),
      });
    });
  });

  describe('lists', () => {
    const ids = async (pages: readonly string[]): Promise<string[]> => {
      provider.answerInTurn(...pages.map((body) => ({ body })));
      const client = new OpenAiClient({ baseUrl: provider.url }, new ProviderHttpClient({ baseDelayMs: 1 }));
      const seen: string[] = [];
      const query = { path: 'organization/projects', parameters: { include_archived: 'true' } };
      for await (const items of client.pages(query, contextOf(['2026-11-01', '2026-11-02'], {}))) {
        seen.push(...items.map((item) => item.get('id').text()));
      }
      return seen;
    };

    it('are walked by the last id of each page', async () => {
      expect(await ids([listPage(['{"id":"a"}'], 'a'), listPage(['{"id":"b"}'])])).toEqual(['a', 'b']);
      expect(provider.requests.map(({ query }) => query.toString())).toEqual([
        'limit=100&include_archived=true',
        'limit=100&include_archived=true&after=a',
      ]);
    });

    it('end with an error when a page without items promises more', async () => {
      await expect(ids([listPage(['{"id":"a"}'], 'a'), listPage([], 'b')])).rejects.toMatchObject({
        code: 'provider_response_invalid',
        message: expect.stringContaining('$.data should be an item at least'),
      });
      expect(provider.requests).toHaveLength(2);
    });

    it('end with an error when the same last id comes again', async () => {
      const page = listPage(['{"id":"a"}'], 'a');

      await expect(ids([page, page])).rejects.toMatchObject({ code: 'provider_response_invalid' });
      expect(provider.requests).toHaveLength(2);
    });
  });

  it('says that the key is refused, in the words of the provider', async () => {
    provider.answerInTurn({ status: 403, body: '{"error":{"message":"Missing scopes: api.usage.read"}}' });

    await expect(days('2026-11-01', '2026-11-02')).rejects.toMatchObject({
      code: 'credential_rejected',
      message:
        'openai refused the stored credential (HTTP 403). Store a valid one and run again. It said: Missing scopes: api.usage.read',
    });
  });
});

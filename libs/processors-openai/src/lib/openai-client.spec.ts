import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ProviderHttpClient } from '@pipelines/pipeline';
import { FakeProvider } from '@pipelines/pipeline/testing';
import { OpenAiClient } from './openai-client.ts';
import { bucketPage, contextOf } from './testing/openai-answers.ts';

describe('OpenAiClient', () => {
  let provider: FakeProvider;

  const days = async (start: string, end: string): Promise<string[]> => {
    const client = new OpenAiClient({ baseUrl: provider.url }, new ProviderHttpClient({ baseDelayMs: 1 }));
    const window = { start, end };
    const seen: string[] = [];
    const query = { path: 'organization/costs', window, groupBy: [], pageDays: 1 };
    for await (const { day, results } of client.results(query, contextOf([start, end], {}))) {
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
    [
      'a page without buckets that promises more',
      [bucketPage([], 'A')],
      '$.data should be a bucket at least',
    ],
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

  it('says that the key is refused, in the words of the provider', async () => {
    provider.answerInTurn({ status: 403, body: '{"error":{"message":"Missing scopes: api.usage.read"}}' });

    await expect(days('2026-11-01', '2026-11-02')).rejects.toMatchObject({
      code: 'credential_rejected',
      message:
        'openai refused the stored credential (HTTP 403). Store a valid one and run again. It said: Missing scopes: api.usage.read',
    });
  });
});

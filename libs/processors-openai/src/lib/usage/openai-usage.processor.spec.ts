import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ProviderHttpClient, type Row } from '@pipelines/pipeline';
import { describeProcessorContract, FakeProvider } from '@pipelines/pipeline/testing';
import { OpenAiClient } from '../openai-client.ts';
import { ADMIN_KEY, asLastPage, bucketPage, contextOf, withoutCursor } from '../testing/openai-answers.ts';
import { OpenAiUsageOptions } from './openai-usage.options.ts';
import { OpenAiUsageProcessor } from './openai-usage.processor.ts';

const SPLIT = `{"object":"organization.usage.completions.result","input_tokens":1000,"output_tokens":50,"num_model_requests":3,
  "input_uncached_tokens":600,"input_cached_tokens":300,"input_cache_write_tokens":100,"input_text_tokens":590,
  "input_audio_tokens":10,"output_text_tokens":50,"project_id":"proj_A1","user_id":"user-1","api_key_id":"key_1",
  "model":"gpt-4o-mini-2024-07-18","batch":false,"service_tier":"default","api_source":"unlabeled"}`;
const UNSPLIT = `{"input_tokens":9007199254740993,"output_tokens":0,"num_model_requests":1,"input_cached_tokens":993,
  "project_id":null,"model":"o3","batch":true}`;
const BARE = '{"input_tokens":5,"output_tokens":0,"num_model_requests":1}';

const createProcessor = (url: string, http: ProviderHttpClient): OpenAiUsageProcessor =>
  new OpenAiUsageProcessor(new OpenAiClient({ baseUrl: `${url}/v1/` }, http));

describe('OpenAiUsageProcessor', () => {
  let provider: FakeProvider;

  const extract = async (start: string, end: string): Promise<Row[]> => {
    const processor = createProcessor(
      provider.url,
      new ProviderHttpClient({ baseDelayMs: 1, maxAttempts: 2 }),
    );
    const rows: Row[] = [];
    for await (const batch of processor.extract(contextOf([start, end], new OpenAiUsageOptions())))
      rows.push(...batch);
    return rows;
  };

  beforeAll(async () => {
    provider = await FakeProvider.start();
  });

  afterAll(() => provider.stop());

  it('turns every result into a row', async () => {
    provider.answerInTurn({ body: bucketPage([['2026-11-01', SPLIT]]) });

    expect(await extract('2026-11-01', '2026-11-02')).toEqual([
      {
        usage_date: '2026-11-01',
        project_id: 'proj_A1',
        user_id: 'user-1',
        api_key_id: 'key_1',
        model: 'gpt-4o-mini-2024-07-18',
        batch: false,
        service_tier: 'default',
        num_model_requests: 3n,
        input_tokens: 1000n,
        output_tokens: 50n,
        input_uncached_tokens: 600n,
        input_cached_tokens: 300n,
        input_cache_write_tokens: 100n,
        input_text_tokens: 590n,
        input_audio_tokens: 10n,
        input_image_tokens: null,
        input_cached_text_tokens: null,
        input_cached_audio_tokens: null,
        input_cached_image_tokens: null,
        output_text_tokens: 50n,
        output_audio_tokens: null,
        output_image_tokens: null,
      },
    ]);
    expect(provider.requests[0]!.path).toBe('/v1/organization/usage/completions');
    expect(provider.requests[0]!.query.toString()).toBe(
      'start_time=1793491200&end_time=1793577600&bucket_width=1d&limit=7&group_by=project_id&group_by=user_id&group_by=api_key_id&group_by=model&group_by=batch&group_by=service_tier',
    );
  });

  it('derives uncached input where the split is missing, beyond what a float can count', async () => {
    provider.answerInTurn({ body: bucketPage([['2026-11-01', UNSPLIT]]) });

    expect(await extract('2026-11-01', '2026-11-02')).toMatchObject([
      {
        batch: true,
        project_id: null,
        user_id: null,
        input_tokens: 9007199254740993n,
        input_uncached_tokens: 9007199254740000n,
        input_cache_write_tokens: null,
        input_text_tokens: null,
      },
    ]);
  });

  it('invents no uncached input where the cached part is unknown', async () => {
    provider.answerInTurn({ body: bucketPage([['2026-11-01', BARE]]) });

    expect(await extract('2026-11-01', '2026-11-02')).toMatchObject([
      { input_tokens: 5n, input_cached_tokens: null, input_uncached_tokens: null },
    ]);
  });

  it.each([
    [
      'an absent total',
      '{"output_tokens":0,"num_model_requests":1}',
      'input_tokens should be a 64-bit integer, found nothing',
    ],
    [
      'half a token',
      '{"input_tokens":0.5,"output_tokens":0,"num_model_requests":1}',
      'input_tokens should be a 64-bit integer',
    ],
    [
      'a batch flag that is a word',
      '{"batch":"yes","input_tokens":1,"output_tokens":0,"num_model_requests":1}',
      'batch should be true or false',
    ],
  ])('refuses %s', async (_kind, result, message) => {
    provider.answerInTurn({ body: bucketPage([['2026-11-01', result]]) });

    await expect(extract('2026-11-01', '2026-11-02')).rejects.toMatchObject({
      code: 'provider_response_invalid',
      message: expect.stringContaining(`$.data[0].results[0].${message}`),
    });
  });
});

describeProcessorContract('OpenAiUsageProcessor', {
  create: createProcessor,
  options: new OpenAiUsageOptions(),
  secret: { api_key: ADMIN_KEY },
  window: { start: '2026-11-01', end: '2026-11-04' },
  asksForPage: () => true,
  asLastPage,
  withoutCursor,
  answer: ({ query }) => ({
    body: query.has('page')
      ? bucketPage([['2026-11-03', BARE]])
      : bucketPage(
          [
            ['2026-11-01', `${SPLIT},${UNSPLIT}`],
            ['2026-11-02', ''],
          ],
          'AAAA',
        ),
  }),
});

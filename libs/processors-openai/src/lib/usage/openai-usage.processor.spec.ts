import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { ProviderHttpClient, type Row } from '@pipelines/pipeline';
import { describeProcessorContract, FakeProvider, LeapingClock } from '@pipelines/pipeline/testing';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { OpenAiClient } from '../openai-client.ts';
import {
  ADMIN_KEY,
  asksForNames,
  asLastPage,
  bucketPage,
  contextOf,
  hourPage,
  inTurn,
  withNames,
  withoutCursor,
  withoutNames,
} from '../testing/openai-answers.ts';
import { USAGE_KINDS, type UsageKindName } from './openai-usage.kinds.ts';
import { OpenAiUsageOptions } from './openai-usage.options.ts';
import { OpenAiUsageProcessor } from './openai-usage.processor.ts';

const SPLIT = `{"object":"organization.usage.completions.result","input_tokens":1000,"output_tokens":50,"num_model_requests":3,
  "input_uncached_tokens":600,"input_cached_tokens":300,"input_cache_write_tokens":100,"input_text_tokens":590,
  "input_audio_tokens":10,"output_text_tokens":50,"project_id":"proj_A1","user_id":"user-1","api_key_id":"key_1",
  "model":"gpt-4o-mini-2024-07-18","batch":false,"service_tier":"default","api_source":"unlabeled"}`;
const UNSPLIT = `{"input_tokens":9007199254740993,"output_tokens":0,"num_model_requests":1,"input_cached_tokens":993,
  "project_id":null,"model":"o3","batch":true}`;
const BARE = '{"input_tokens":5,"output_tokens":0,"num_model_requests":1}';

const KEYED = '"project_id":"proj_A1","user_id":"user-sa","api_key_id":"key_2"';
const KEYED_COLUMNS = {
  ...{ project_id: 'proj_A1', project_name: 'Assistant', user_id: 'user-sa', user_name: 'nightly' },
  ...{ api_key_id: 'key_2', api_key_name: 'batch' },
};

/** A result of each kind as the API answers it, the dimensions asked for, and the columns that come of it. */
const KINDS: readonly (readonly [UsageKindName, string, string[], Row])[] = [
  [
    'embeddings',
    `{"object":"organization.usage.embeddings.result","input_tokens":12,"num_model_requests":2,${KEYED},"model":"text-embedding-3-large"}`,
    ['project_id', 'user_id', 'api_key_id', 'model'],
    { ...KEYED_COLUMNS, model: 'text-embedding-3-large', num_model_requests: 2n, input_tokens: 12n },
  ],
  [
    'moderations',
    `{"input_tokens":7,"num_model_requests":1,${KEYED},"model":"omni-moderation"}`,
    ['project_id', 'user_id', 'api_key_id', 'model'],
    { ...KEYED_COLUMNS, model: 'omni-moderation', num_model_requests: 1n, input_tokens: 7n },
  ],
  [
    'images',
    `{"images":4,"num_model_requests":2,${KEYED},"model":"dall-e-3","size":"1024x1024","source":"image.generation"}`,
    ['project_id', 'user_id', 'api_key_id', 'model', 'size', 'source'],
    {
      ...KEYED_COLUMNS,
      ...{ model: 'dall-e-3', size: '1024x1024', source: 'image.generation' },
      ...{ num_model_requests: 2n, images: 4n },
    },
  ],
  [
    'audio_speeches',
    `{"characters":900,"num_model_requests":1,${KEYED},"model":"tts-1"}`,
    ['project_id', 'user_id', 'api_key_id', 'model'],
    { ...KEYED_COLUMNS, model: 'tts-1', num_model_requests: 1n, characters: 900n },
  ],
  [
    'audio_transcriptions',
    `{"seconds":4294967296,"num_model_requests":1,${KEYED},"model":"whisper-1"}`,
    ['project_id', 'user_id', 'api_key_id', 'model'],
    { ...KEYED_COLUMNS, model: 'whisper-1', num_model_requests: 1n, seconds: 4294967296n },
  ],
  [
    'vector_stores',
    '{"usage_bytes":9007199254740993,"project_id":"proj_A1"}',
    ['project_id'],
    { project_id: 'proj_A1', project_name: 'Assistant', usage_bytes: 9007199254740993n },
  ],
  [
    'code_interpreter_sessions',
    '{"project_id":"proj_B2"}',
    ['project_id'],
    { project_id: 'proj_B2', project_name: 'Bygone', num_sessions: null },
  ],
  [
    'file_search_calls',
    `{"object":"organization.usage.file_searches.result","num_requests":3,${KEYED},"vector_store_id":"vs_1"}`,
    ['project_id', 'user_id', 'api_key_id', 'vector_store_id'],
    { ...KEYED_COLUMNS, vector_store_id: 'vs_1', num_requests: 3n },
  ],
  [
    'web_search_calls',
    `{"num_requests":3,"num_model_requests":2,${KEYED},"model":"o4-mini","context_level":"low"}`,
    ['project_id', 'user_id', 'api_key_id', 'model', 'context_level'],
    { ...KEYED_COLUMNS, model: 'o4-mini', context_level: 'low', num_requests: 3n, num_model_requests: 2n },
  ],
];

const createProcessor = (url: string, http: ProviderHttpClient): OpenAiUsageProcessor =>
  new OpenAiUsageProcessor(new OpenAiClient({ baseUrl: `${url}/v1/` }, http));

const optionsOf = (fields: Partial<OpenAiUsageOptions> = {}): OpenAiUsageOptions =>
  plainToInstance(OpenAiUsageOptions, fields);

describe('OpenAiUsageProcessor', () => {
  let provider: FakeProvider;

  const extract = async (start: string, end: string, options = optionsOf()): Promise<Row[]> => {
    const processor = createProcessor(
      provider.url,
      new ProviderHttpClient({ maxAttempts: 2, clock: new LeapingClock() }),
    );
    const rows: Row[] = [];
    for await (const batch of processor.extract(contextOf([start, end], options))) rows.push(...batch);
    return rows;
  };

  beforeAll(async () => {
    Logger.overrideLogger(false);
    provider = await FakeProvider.start();
  });

  beforeEach(() => {
    provider.requests.length = 0;
  });

  afterAll(() => provider.stop());

  it('turns every result into a row, with names', async () => {
    provider.answer = inTurn(bucketPage([['2026-11-01', SPLIT]]));

    expect(await extract('2026-11-01', '2026-11-02')).toEqual([
      {
        usage_date: '2026-11-01',
        bucket_start: '2026-11-01T00:00:00Z',
        bucket_width: '1d',
        project_id: 'proj_A1',
        project_name: 'Assistant',
        user_id: 'user-1',
        user_name: 'Ada',
        api_key_id: 'key_1',
        api_key_name: 'production',
        model: 'gpt-4o-mini-2024-07-18',
        batch: false,
        service_tier: 'default',
        num_model_requests: 3n,
        input_tokens: 1000n,
        output_tokens: 50n,
        input_uncached_tokens: 600n,
        input_cached_tokens: 300n,
        input_cache_write_tokens: 100n,
        input_cache_write_30m_tokens: null,
        input_cache_write_12h_tokens: null,
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

  it.each(KINDS)('loads %s by all its dimensions', async (kind, result, dimensions, columns) => {
    provider.answer = inTurn(bucketPage([['2026-11-01', result]]));

    const rows = await extract('2026-11-01', '2026-11-02', optionsOf({ kind }));

    expect(rows).toEqual([
      {
        ...{ usage_date: '2026-11-01', bucket_start: '2026-11-01T00:00:00Z', bucket_width: '1d' },
        ...columns,
      },
    ]);
    expect(provider.requests[0]!.path).toBe(`/v1/organization/usage/${kind}`);
    expect(provider.requests[0]!.query.getAll('group_by')).toEqual(dimensions);
  });

  it.each(Object.keys(USAGE_KINDS) as UsageKindName[])('declares a table of its own for %s', (kind) => {
    const { columns, description } = createProcessor('http://127.0.0.1', new ProviderHttpClient()).schemaFor(
      optionsOf({ kind }),
    );

    expect(columns.slice(0, 3).map(({ name }) => name)).toEqual([
      'usage_date',
      'bucket_start',
      'bucket_width',
    ]);
    expect(description).toContain(USAGE_KINDS[kind].title);
  });

  it('loads hours across midnight and a new year, each into its day', async () => {
    const hours = (from: number, results: Record<number, string>, count: number): string[] =>
      Array.from({ length: count }, (_, index) => results[from + index] ?? '');
    provider.answer = inTurn(
      hourPage('2025-12-31', 0, hours(0, { 23: BARE }, 24), 'AAAA'),
      hourPage('2026-01-01', 0, hours(0, { 0: BARE.replace('5', '6') }, 24)),
    );

    const rows = await extract('2025-12-31', '2026-01-02', optionsOf({ bucket_width: '1h', page_days: 1 }));

    expect(rows.map((row) => [row.usage_date, row.bucket_start, row.bucket_width, row.input_tokens])).toEqual(
      [
        ['2025-12-31', '2025-12-31T23:00:00Z', '1h', 5n],
        ['2026-01-01', '2026-01-01T00:00:00Z', '1h', 6n],
      ],
    );
    expect(provider.requests[0]!.query.get('limit')).toBe('24');
  });

  it('derives uncached input where the split is missing, beyond what a float can count', async () => {
    provider.answer = inTurn(bucketPage([['2026-11-01', UNSPLIT]]));

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
    provider.answer = inTurn(bucketPage([['2026-11-01', BARE]]));

    expect(await extract('2026-11-01', '2026-11-02')).toMatchObject([
      { input_tokens: 5n, input_cached_tokens: null, input_uncached_tokens: null },
    ]);
  });

  it('loads usage without names when the key may not read them', async () => {
    provider.answer = withoutNames(() => ({ body: bucketPage([['2026-11-01', SPLIT]]) }));

    expect(await extract('2026-11-01', '2026-11-02')).toMatchObject([
      { project_id: 'proj_A1', project_name: null, user_name: null, api_key_name: null, input_tokens: 1000n },
    ]);
  });

  it('takes up what came late and what was corrected when the days are loaded again', async () => {
    const counts = (rows: readonly Row[]) =>
      rows.map(({ usage_date, input_tokens }) => [usage_date, input_tokens]);
    provider.answer = inTurn(
      bucketPage([
        ['2026-11-01', BARE],
        ['2026-11-02', ''],
      ]),
    );
    const before = await extract('2026-11-01', '2026-11-03');
    provider.answer = inTurn(
      bucketPage([
        ['2026-11-01', BARE.replace('5', '4')],
        ['2026-11-02', SPLIT],
      ]),
    );

    const after = await extract('2026-11-01', '2026-11-03');

    expect(counts(before)).toEqual([['2026-11-01', 5n]]);
    expect(counts(after)).toEqual([
      ['2026-11-01', 4n],
      ['2026-11-02', 1000n],
    ]);
  });

  it.each([
    [429, 'provider_rate_limited'],
    [500, 'provider_unavailable'],
  ])('fails transiently when HTTP %d lasts', async (status, code) => {
    provider.answer = withNames(() => ({ status, headers: { 'retry-after': '0' }, body: '{}' }));

    await expect(extract('2026-11-01', '2026-11-02')).rejects.toMatchObject({ code, transient: true });
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
    provider.answer = inTurn(bucketPage([['2026-11-01', result]]));

    await expect(extract('2026-11-01', '2026-11-02')).rejects.toMatchObject({
      code: 'provider_response_invalid',
      message: expect.stringContaining(`$.data[0].results[0].${message}`),
    });
  });

  it.each([
    [{ bucket_width: '1h', page_days: 7 }, []],
    [{ bucket_width: '1d', page_days: 31 }, []],
    [{ bucket_width: '1h', page_days: 8 }, ['page_days must not be greater than 7 when bucket_width is 1h']],
    [{ page_days: 32 }, ['page_days must not be greater than 31']],
    [{ bucket_width: '1m' }, ['bucket_width must be one of the following values: 1d, 1h']],
  ])('takes the options %j with the problems %j', (fields, problems) => {
    const errors = validateSync(plainToInstance(OpenAiUsageOptions, fields));

    expect(errors.flatMap(({ constraints }) => Object.values(constraints ?? {}))).toEqual(problems);
  });

  it('refuses a kind that it does not know', () => {
    expect(validateSync(plainToInstance(OpenAiUsageOptions, { kind: 'decisions' }))).toHaveLength(1);
  });
});

describeProcessorContract('OpenAiUsageProcessor', {
  create: createProcessor,
  options: new OpenAiUsageOptions(),
  secret: { api_key: ADMIN_KEY },
  window: { start: '2026-11-01', end: '2026-11-04' },
  asksForPage: (request) => !asksForNames(request),
  asLastPage,
  withoutCursor,
  answer: withoutNames(({ query }) => ({
    body: query.has('page')
      ? bucketPage([['2026-11-03', BARE]])
      : bucketPage(
          [
            ['2026-11-01', `${SPLIT},${UNSPLIT}`],
            ['2026-11-02', ''],
          ],
          'AAAA',
        ),
  })),
});

describeProcessorContract('OpenAiUsageProcessor of web searches', {
  create: createProcessor,
  options: optionsOf({ kind: 'web_search_calls' }),
  secret: { api_key: ADMIN_KEY },
  window: { start: '2026-11-01', end: '2026-11-03' },
  asksForPage: (request) => !asksForNames(request),
  asLastPage,
  withoutCursor,
  answer: withoutNames(({ query }) => ({
    body: query.has('page')
      ? bucketPage([['2026-11-02', `{"num_requests":1,"num_model_requests":1,${KEYED}}`]])
      : bucketPage([['2026-11-01', KINDS[8]![1]]], 'AAAA'),
  })),
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { ProviderHttpClient, type Row } from '@pipelines/pipeline';
import { describeProcessorContract, FakeProvider, LeapingClock } from '@pipelines/pipeline/testing';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { AnthropicClient } from '../anthropic-client.ts';
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
} from '../testing/anthropic-answers.ts';
import { AnthropicUsageOptions } from './anthropic-usage.options.ts';
import { AnthropicUsageProcessor } from './anthropic-usage.processor.ts';

const WHOLE = `{"uncached_input_tokens":1000,"cache_creation":{"ephemeral_5m_input_tokens":20,"ephemeral_1h_input_tokens":3},
  "cache_read_input_tokens":9007199254740993,"output_tokens":50,"server_tool_use":{"web_search_requests":2},
  "account_id":null,"api_key_id":"apikey_1","workspace_id":"wrkspc_1","model":"claude-sonnet-4-5",
  "service_tier":"priority","context_window":"0-200k","inference_geo":"us","speed":null}`;
const BARE = '{"uncached_input_tokens":5,"cache_read_input_tokens":0,"output_tokens":1,"api_key_id":null}';

const FIVE = `{"uncached_input_tokens":3000000,"cache_creation":{"ephemeral_1h_input_tokens":13216,"ephemeral_5m_input_tokens":0},
  "cache_read_input_tokens":1361248,"output_tokens":145402,"server_tool_use":{"web_search_requests":0},"api_key_id":"apikey_1",
  "workspace_id":null,"model":"claude-opus-4-7","service_tier":"standard","context_window":"0-200k","inference_geo":null}`;
const SIX_DIMENSIONS = {
  status: 400,
  body: '{"type":"error","error":{"type":"invalid_request_error","message":"Cannot specify more than 5 group_by[] dimensions."}}',
};

const createProcessor = (url: string, http: ProviderHttpClient): AnthropicUsageProcessor =>
  new AnthropicUsageProcessor(new AnthropicClient({ baseUrl: url }, http));

const optionsOf = (fields: object = {}): AnthropicUsageOptions =>
  plainToInstance(AnthropicUsageOptions, fields);

describe('AnthropicUsageProcessor', () => {
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
  const counts = (rows: readonly Row[]) =>
    rows.map(({ usage_date, uncached_input_tokens }) => [usage_date, uncached_input_tokens]);

  beforeAll(async () => {
    Logger.overrideLogger(false);
    provider = await FakeProvider.start();
  });

  beforeEach(() => {
    provider.requests.length = 0;
  });

  afterAll(() => provider.stop());

  it('turns every result of every page into a row, with names', async () => {
    provider.answer = inTurn(bucketPage([['2026-11-01', WHOLE]], 'AAAA'), bucketPage([['2026-11-02', BARE]]));

    expect(await extract('2026-11-01', '2026-11-03')).toEqual([
      {
        usage_date: '2026-11-01',
        bucket_start: '2026-11-01T00:00:00Z',
        bucket_width: '1d',
        workspace_id: 'wrkspc_1',
        default_workspace_id: null,
        workspace_name: 'Assistant',
        api_key_id: 'apikey_1',
        api_key_name: 'production',
        model: 'claude-sonnet-4-5',
        service_tier: 'priority',
        context_window: '0-200k',
        uncached_input_tokens: 1000n,
        cache_creation_5m_input_tokens: 20n,
        cache_creation_1h_input_tokens: 3n,
        cache_read_input_tokens: 9007199254740993n,
        output_tokens: 50n,
        web_search_requests: 2n,
      },
      {
        usage_date: '2026-11-02',
        bucket_start: '2026-11-02T00:00:00Z',
        bucket_width: '1d',
        workspace_id: null,
        default_workspace_id: 'wrkspc_0',
        workspace_name: 'Default',
        api_key_id: null,
        api_key_name: null,
        model: null,
        service_tier: null,
        context_window: null,
        uncached_input_tokens: 5n,
        cache_creation_5m_input_tokens: null,
        cache_creation_1h_input_tokens: null,
        cache_read_input_tokens: 0n,
        output_tokens: 1n,
        web_search_requests: null,
      },
    ]);
    expect(provider.requests[0]!.path).toBe('/v1/organizations/usage_report/messages');
    expect(provider.requests[0]!.query.getAll('group_by[]')).toEqual([
      'workspace_id',
      'api_key_id',
      'model',
      'service_tier',
      'context_window',
    ]);
  });

  it('loads what a report of five dimensions tells, which is as many as the API takes', async () => {
    provider.answer = withNames(({ query }) =>
      query.getAll('group_by[]').length > 5 ? SIX_DIMENSIONS : { body: bucketPage([['2026-11-10', FIVE]]) },
    );

    expect(await extract('2026-11-10', '2026-11-11')).toEqual([
      {
        usage_date: '2026-11-10',
        bucket_start: '2026-11-10T00:00:00Z',
        bucket_width: '1d',
        workspace_id: null,
        default_workspace_id: 'wrkspc_0',
        workspace_name: 'Default',
        api_key_id: 'apikey_1',
        api_key_name: 'production',
        model: 'claude-opus-4-7',
        service_tier: 'standard',
        context_window: '0-200k',
        uncached_input_tokens: 3_000_000n,
        cache_creation_5m_input_tokens: 0n,
        cache_creation_1h_input_tokens: 13_216n,
        cache_read_input_tokens: 1_361_248n,
        output_tokens: 145_402n,
        web_search_requests: 0n,
      },
    ]);
  });

  it('loads hours across midnight and a new year, each into its day', async () => {
    provider.answer = inTurn(
      hourPage('2025-12-31', 23, [BARE], 'AAAA'),
      hourPage('2026-01-01', 0, [BARE.replace('5', '6')]),
    );

    const rows = await extract('2025-12-31', '2026-01-02', optionsOf({ bucket_width: '1h', page_days: 1 }));

    expect(rows.map((row) => [row.usage_date, row.bucket_start, row.bucket_width])).toEqual([
      ['2025-12-31', '2025-12-31T23:00:00Z', '1h'],
      ['2026-01-01', '2026-01-01T00:00:00Z', '1h'],
    ]);
    expect(provider.requests[0]!.query.get('limit')).toBe('24');
  });

  it('loads usage without names when the key may not read them', async () => {
    provider.answer = withoutNames(() => ({ body: bucketPage([['2026-11-01', WHOLE]]) }));

    expect(await extract('2026-11-01', '2026-11-02')).toMatchObject([
      { workspace_id: 'wrkspc_1', workspace_name: null, api_key_name: null, output_tokens: 50n },
    ]);
  });

  it('yields no row of a window without usage', async () => {
    provider.answer = inTurn(bucketPage([['2026-11-01', '']]));

    expect(await extract('2026-11-01', '2026-11-03')).toEqual([]);
  });

  it('takes up what came late and what was corrected when the days are loaded again', async () => {
    provider.answer = inTurn(bucketPage([['2026-11-01', BARE]]));
    const before = await extract('2026-11-01', '2026-11-03');
    provider.answer = inTurn(
      bucketPage([
        ['2026-11-01', BARE.replace('5', '4')],
        ['2026-11-02', WHOLE],
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
      'an absent count',
      '{"output_tokens":1}',
      'uncached_input_tokens should be a 64-bit integer, found nothing',
    ],
    ['half a token', BARE.replace('5', '0.5'), 'uncached_input_tokens should be a 64-bit integer'],
    [
      'a cache that is no object',
      BARE.replace('{', '{"cache_creation":7,'),
      'cache_creation should be an object, found a number',
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
    [{ bucket_width: '1h', page_days: 8 }, ['page_days must not be greater than 7 when bucket_width is 1h']],
    [{ kind: 'batches' }, ['kind must be one of the following values: messages']],
  ])('takes the options %j with the problems %j', (fields, problems) => {
    const errors = validateSync(optionsOf(fields));

    expect(errors.flatMap(({ constraints }) => Object.values(constraints ?? {}))).toEqual(problems);
  });
});

describeProcessorContract('AnthropicUsageProcessor', {
  create: createProcessor,
  options: new AnthropicUsageOptions(),
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
            ['2026-11-01', `${WHOLE},${BARE.replace('null', '"apikey_2"')}`],
            ['2026-11-02', ''],
          ],
          'AAAA',
        ),
  })),
});

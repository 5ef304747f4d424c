import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Test, type TestingModule } from '@nestjs/testing';
import { LeftOut, ProcessorFactory, ProcessorsModule, Secret, type RowProcessor } from '@pipelines/pipeline';
import { NOTHING_LOADED } from '@pipelines/pipeline/testing';
import { AnthropicProcessorsModule } from '@pipelines/processors-anthropic';
import { GcpProcessorsModule } from '@pipelines/processors-gcp';
import { OpenAiProcessorsModule } from '@pipelines/processors-openai';
import { startProviderSandbox, type ProviderSandbox } from '@pipelines/provider-sandbox';

// Windows of a quarter hold thousands of buckets.
jest.setTimeout(60_000);

const day = (offset: number): string => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);

/** The longest backfill that ends with today, a single day, and today, which is not over yet. */
const WINDOWS = [
  ['a quarter', () => ({ start: day(-91), end: day(1) })],
  ['a day', () => ({ start: day(-10), end: day(-9) })],
  ['today', () => ({ start: day(0), end: day(1) })],
  ['days on both sides of the first with keys', () => ({ start: '2025-11-20', end: '2026-01-10' })],
] as const;

const OPENAI_KINDS = [
  'audio_speeches',
  'audio_transcriptions',
  'code_interpreter_sessions',
  'completions',
  'embeddings',
  'file_search_calls',
  'images',
  'moderations',
  'vector_stores',
  'web_search_calls',
];

const DAYS = { bucket_width: '1d', page_days: 31 };
const HOURS = { bucket_width: '1h', page_days: 7 };

const PROCESSORS = [
  ['openai', 'OpenAiCostsProcessor', { page_days: 31 }],
  ...OPENAI_KINDS.map((kind) => ['openai', 'OpenAiUsageProcessor', { kind, ...DAYS }] as const),
  ['openai', 'OpenAiUsageProcessor', { kind: 'completions', ...HOURS }],
  ['anthropic', 'AnthropicCostsProcessor', { page_days: 31 }],
  ['anthropic', 'AnthropicUsageProcessor', { kind: 'messages', ...DAYS }],
  ['anthropic', 'AnthropicUsageProcessor', { kind: 'messages', ...HOURS }],
  ['gcp', 'GcpBillingCatalogProcessor', { currency_code: 'USD' }],
] as const;

interface Logged {
  readonly path: string;
  readonly query: string;
  readonly status?: number;
}

/** The sandbox refuses what is beyond a documented limit; names too, whose refusal no run fails of. */
describe('the requests of every processor stay within the limits of its provider', () => {
  let sandbox: ProviderSandbox;
  let app: TestingModule;

  beforeAll(async () => {
    sandbox = await startProviderSandbox({ seed: 'limits' });
    const { openai, anthropic, gcpBillingCatalog, gcpToken } = sandbox.endpoints;
    app = await Test.createTestingModule({
      imports: [
        ProcessorsModule,
        OpenAiProcessorsModule.forRoot({ baseUrl: openai }),
        AnthropicProcessorsModule.forRoot({ baseUrl: anthropic }),
        GcpProcessorsModule.forRoot({ billingCatalogBaseUrl: gcpBillingCatalog, tokenUrl: gcpToken }),
      ],
    }).compile();
  });

  afterAll(async () => {
    await app.close();
    await sandbox.close();
  });

  const requests = async (): Promise<readonly Logged[]> => {
    const response = await fetch(`${sandbox.url}/_sandbox/requests`);
    return ((await response.json()) as { readonly requests: readonly Logged[] }).requests;
  };

  describe.each(PROCESSORS)('%s %s %j', (provider, className, options) => {
    it.each(WINDOWS)('for %s', async (_kind, windowOf) => {
      const { instance } = app.get(ProcessorFactory).find(className, `@pipelines/processors-${provider}`);
      const { length: before } = await requests();
      const context = {
        runId: '0199c0de-0000-7000-8000-000000000001',
        org: 'acme',
        window: windowOf(),
        options: { leave_out: [], ...options },
        secret: new Secret(sandbox.credentials[provider]),
        credentialName: 'default',
        leftOut: new LeftOut('0199c0de-0000-7000-8000-000000000001'),
        signal: new AbortController().signal,
      };

      const batches = (instance as RowProcessor).extract(context, NOTHING_LOADED)[Symbol.asyncIterator]();
      while (!(await batches.next()).done);

      const asked = (await requests()).slice(before);
      expect(asked.filter(({ status }) => status !== 200)).toEqual([]);
      expect(asked.length).toBeGreaterThan(0);
    });
  });
});

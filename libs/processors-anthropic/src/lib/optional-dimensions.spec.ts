import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { ProviderHttpClient, type Row } from '@pipelines/pipeline';
import { FakeProvider, LeapingClock } from '@pipelines/pipeline/testing';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { AnthropicClient } from './anthropic-client.ts';
import { AnthropicCostsOptions } from './costs/anthropic-costs.options.ts';
import { AnthropicCostsProcessor } from './costs/anthropic-costs.processor.ts';
import { asksForNames, bucketPage, contextOf, withNames } from './testing/anthropic-answers.ts';
import { AnthropicUsageOptions } from './usage/anthropic-usage.options.ts';
import { AnthropicUsageProcessor } from './usage/anthropic-usage.processor.ts';

type Context = ReturnType<typeof contextOf>;

const TOLD = {
  ...{ workspace_id: 'wrkspc_1', api_key_id: 'apikey_1', model: 'claude-haiku', service_tier: 'batch' },
  ...{ context_window: '0-200k', description: 'Haiku input' },
};

describe('dimensions that Anthropic refuses', () => {
  let provider: FakeProvider;
  let client: AnthropicClient;
  let refused: readonly string[];

  const run = async (extract: (context: Context) => AsyncIterable<readonly Row[]>) => {
    const context = contextOf(['2026-11-01', '2026-11-02'], {});
    const rows: Row[] = [];
    for await (const batch of extract(context)) rows.push(...batch);
    return { rows, leftOut: context.leftOut.parts.map(({ part }) => part) };
  };
  const costs = (fields: object = {}, mergeKey?: readonly string[]) => {
    const options = plainToInstance(AnthropicCostsOptions, fields);
    return (context: Context) =>
      new AnthropicCostsProcessor(client).extract({ ...context, options }, { mergeKey });
  };
  const usage = (fields: object = {}) => {
    const options = plainToInstance(AnthropicUsageOptions, fields);
    return (context: Context) => new AnthropicUsageProcessor(client).extract({ ...context, options });
  };

  beforeAll(async () => {
    Logger.overrideLogger(false);
    provider = await FakeProvider.start();
    const http = new ProviderHttpClient({ maxAttempts: 2, clock: new LeapingClock() });
    client = new AnthropicClient({ baseUrl: provider.url }, http);
  });

  beforeEach(() => {
    provider.requests.length = 0;
    refused = [];
    provider.answer = withNames(({ query }) => {
      const groupBy = query.getAll('group_by[]');
      if (groupBy.some((name) => refused.includes(name))) {
        return { status: 400, body: '{"type":"error","error":{"message":"group_by[]: not supported"}}' };
      }
      const told = Object.entries(TOLD).map(([name, value]) => [name, groupBy.includes(name) ? value : null]);
      const figures = {
        ...{ amount: '150', currency: 'USD' },
        ...{ uncached_input_tokens: 7, cache_read_input_tokens: 0, output_tokens: 1 },
      };
      const result = JSON.stringify({ ...figures, ...Object.fromEntries(told) });
      return { body: bucketPage([['2026-11-01', result]]) };
    });
  });

  afterAll(() => provider.stop());

  it('cost no money, and are not taken for the default workspace', async () => {
    refused = ['workspace_id'];

    const { rows, leftOut } = await run(costs());

    expect(rows).toMatchObject([
      {
        ...{ amount: '1.5', description: 'Haiku input', organization_name: 'Acme' },
        ...{ workspace_id: null, default_workspace_id: null, workspace_name: null },
      },
    ]);
    expect(leftOut).toEqual(['grouping by workspace_id']);
    expect(provider.requests.some(({ path }) => path.endsWith('/workspaces'))).toBe(false);
  });

  it('cost no money without a description', async () => {
    refused = ['description'];

    const { rows, leftOut } = await run(costs());

    expect(rows).toMatchObject([{ amount: '1.5', workspace_name: 'Assistant', description: null }]);
    expect(leftOut).toEqual(['grouping by description']);
  });

  it('fail the run that merges rows by them, or by what a description tells', async () => {
    refused = ['description'];

    await expect(run(costs({}, ['usage_date', 'workspace_id', 'model']))).rejects.toMatchObject({
      code: 'provider_rejected_request',
    });
  });

  it('are left out of usage, except for the workspace', async () => {
    refused = ['context_window'];
    expect(await run(usage())).toMatchObject({
      rows: [
        { api_key_name: 'production', model: 'claude-haiku', service_tier: 'batch', context_window: null },
      ],
      leftOut: ['grouping by context_window'],
    });

    refused = ['workspace_id'];
    await expect(run(usage())).rejects.toMatchObject({ code: 'provider_rejected_request' });
  });

  it('are not asked for when the options leave them out', async () => {
    const { rows, leftOut } = await run(costs({ leave_out: ['workspace_id'] }));
    await run(usage({ leave_out: ['api_key_id', 'context_window'] }));

    expect(rows).toMatchObject([
      { workspace_id: null, default_workspace_id: null, description: 'Haiku input' },
    ]);
    expect(leftOut).toEqual([]);
    const groupings = provider.requests
      .filter((request) => !asksForNames(request))
      .map(({ query }) => query.getAll('group_by[]').join());
    expect(groupings).toEqual(['description', 'workspace_id,model,service_tier']);
  });

  it.each([
    [AnthropicCostsOptions, { leave_out: ['model'] }],
    [AnthropicUsageOptions, { leave_out: ['workspace_id'] }],
  ])('are the only ones that %p leaves out: %j', (options, fields) => {
    expect(validateSync(plainToInstance<object, object>(options, fields))).toHaveLength(1);
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { ProviderHttpClient, type Row } from '@pipelines/pipeline';
import { FakeProvider, LeapingClock } from '@pipelines/pipeline/testing';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { OpenAiCostsOptions } from './costs/openai-costs.options.ts';
import { OpenAiCostsProcessor } from './costs/openai-costs.processor.ts';
import { OpenAiClient } from './openai-client.ts';
import { asksForNames, bucketPage, contextOf, withNames } from './testing/openai-answers.ts';
import { OpenAiUsageOptions } from './usage/openai-usage.options.ts';
import { OpenAiUsageProcessor } from './usage/openai-usage.processor.ts';

const COST = { project_id: 'proj_A1', line_item: 'o3, input', api_key_id: 'key_1' };
const USAGE = {
  ...{ project_id: 'proj_A1', user_id: 'user-1', api_key_id: 'key_1', model: 'o3' },
  ...{ batch: false, service_tier: 'default' },
};

describe('dimensions that OpenAI refuses', () => {
  let provider: FakeProvider;
  let client: OpenAiClient;
  let refused: readonly string[];

  const run = async (
    extract: (context: ReturnType<typeof contextOf>) => AsyncIterable<readonly Row[]>,
    window: readonly [string, string] = ['2026-11-01', '2026-11-02'],
  ) => {
    const context = contextOf(window, {});
    const rows: Row[] = [];
    for await (const batch of extract(context)) rows.push(...batch);
    return { rows, leftOut: context.leftOut.parts.map(({ part }) => part) };
  };
  const costs = (fields: object = {}, mergeKey?: readonly string[]) => {
    const options = plainToInstance(OpenAiCostsOptions, fields);
    const processor = new OpenAiCostsProcessor(client);
    return (context: ReturnType<typeof contextOf>) =>
      processor.extract({ ...context, options }, { mergeKey });
  };
  const usage = (fields: object = {}) => {
    const options = plainToInstance(OpenAiUsageOptions, fields);
    const processor = new OpenAiUsageProcessor(client);
    return (context: ReturnType<typeof contextOf>) => processor.extract({ ...context, options });
  };
  const groupings = () =>
    provider.requests
      .filter((request) => !asksForNames(request))
      .map(({ query }) => query.getAll('group_by').join());

  beforeAll(async () => {
    Logger.overrideLogger(false);
    provider = await FakeProvider.start();
    const http = new ProviderHttpClient({ maxAttempts: 2, clock: new LeapingClock() });
    client = new OpenAiClient({ baseUrl: `${provider.url}/v1` }, http);
  });

  beforeEach(() => {
    provider.requests.length = 0;
    refused = [];
    provider.answer = withNames(({ path, query }) => {
      const groupBy = query.getAll('group_by');
      if (groupBy.some((name) => refused.includes(name))) {
        return { status: 400, body: '{"error":{"message":"Invalid value for group_by."}}' };
      }
      const told = Object.entries(path.endsWith('costs') ? COST : USAGE).map(([name, value]) => [
        name,
        groupBy.includes(name) ? value : null,
      ]);
      const figures = {
        ...{ amount: { value: '1.5', currency: 'usd' } },
        ...{ input_tokens: 7, output_tokens: 1, num_model_requests: 1 },
      };
      const result = JSON.stringify({ ...figures, ...Object.fromEntries(told) });
      const day = new Date(Number(query.get('start_time')) * 1000).toISOString().slice(0, 10);
      return { body: bucketPage([[day, result]]) };
    });
  });

  afterAll(() => provider.stop());

  it('costs no money: costs come without the key, and with all else', async () => {
    refused = ['api_key_id'];

    const { rows, leftOut } = await run(costs());

    expect(rows).toMatchObject([
      { amount: '1.5', project_name: 'Assistant', line_item: 'o3, input', api_key_id: null },
    ]);
    expect(leftOut).toEqual(['grouping by api_key_id']);
  });

  it('costs no money when every one is refused', async () => {
    refused = Object.keys(COST);

    const { rows, leftOut } = await run(costs());

    expect(rows).toMatchObject([{ amount: '1.5', project_id: null, line_item: null, api_key_id: null }]);
    expect(leftOut).toEqual(['grouping by project_id', 'grouping by line_item', 'grouping by api_key_id']);
  });

  it('are named once, though a window has days before and after the first one with keys', async () => {
    refused = ['line_item'];

    const { rows, leftOut } = await run(costs(), ['2025-12-05', '2025-12-07']);

    expect(
      rows.map(({ usage_date, project_id, api_key_id }) => [usage_date, project_id, api_key_id]),
    ).toEqual([
      ['2025-12-05', 'proj_A1', null],
      ['2025-12-06', 'proj_A1', 'key_1'],
    ]);
    expect(leftOut).toEqual(['grouping by line_item']);
  });

  it('fail the run that merges rows by them, since the rows of before would stay and be counted twice', async () => {
    refused = ['api_key_id'];

    await expect(run(costs({}, ['usage_date', 'project_id', 'api_key_id']))).rejects.toMatchObject({
      code: 'provider_rejected_request',
    });
    expect((await run(costs({}, ['usage_date', 'project_id', 'line_item']))).rows).toHaveLength(1);
  });

  it('are left out of usage, too', async () => {
    refused = ['user_id', 'service_tier'];

    const { rows, leftOut } = await run(usage());

    expect(rows).toMatchObject([
      { model: 'o3', api_key_name: 'production', batch: false, user_id: null, service_tier: null },
    ]);
    expect(leftOut).toEqual(['grouping by user_id', 'grouping by service_tier']);
  });

  it('are not asked for when the options leave them out, which is nothing to report', async () => {
    const { rows, leftOut } = await run(costs({ leave_out: ['api_key_id', 'line_item'] }));
    await run(usage({ kind: 'embeddings', leave_out: ['user_id'] }));

    expect(rows).toMatchObject([{ amount: '1.5', project_id: 'proj_A1', line_item: null, api_key_id: null }]);
    expect(groupings()).toEqual(['project_id', 'project_id,api_key_id,model']);
    expect(leftOut).toEqual([]);
  });

  it.each([
    [OpenAiCostsOptions, { leave_out: ['user_id'] }],
    [OpenAiCostsOptions, { leave_out: ['api_key_id', 'api_key_id'] }],
    [OpenAiCostsOptions, { leave_out: 'api_key_id' }],
    [OpenAiUsageOptions, { leave_out: ['colour'] }],
  ])('are the only ones that %p leaves out: %j', (options, fields) => {
    expect(validateSync(plainToInstance<object, object>(options, fields))).toHaveLength(1);
  });
});

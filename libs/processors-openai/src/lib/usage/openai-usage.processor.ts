import {
  Processor,
  type ProcessorContext,
  type Row,
  type RowProcessor,
  type TableSchema,
  type UtcDate,
} from '@pipelines/pipeline';
import { OpenAiClient } from '../openai-client.ts';
import type { OpenAiSecret } from '../openai.secret.ts';
import { readCompletionsUsage, type OpenAiCompletionsUsage } from './openai-usage.api.ts';
import { OpenAiUsageOptions } from './openai-usage.options.ts';
import { OPENAI_USAGE_COMPLETIONS_SCHEMA } from './openai-usage.schema.ts';

const GROUP_BY = ['project_id', 'user_id', 'api_key_id', 'model', 'batch', 'service_tier'];

/**
 * Loads the tokens that an organization used, one row per UTC day and combination of dimensions.
 * One batch is a day, or a part of a large one.
 */
@Processor({
  name: 'OpenAiUsageProcessor',
  module: '@pipelines/processors-openai',
  provider: 'openai',
  options: OpenAiUsageOptions,
})
export class OpenAiUsageProcessor implements RowProcessor<OpenAiUsageOptions, OpenAiSecret> {
  readonly kind = 'rows';

  constructor(private readonly client: OpenAiClient) {}

  schemaFor(): TableSchema {
    return OPENAI_USAGE_COMPLETIONS_SCHEMA;
  }

  async *extract(
    context: ProcessorContext<OpenAiUsageOptions, OpenAiSecret>,
  ): AsyncGenerator<readonly Row[]> {
    const { options, window } = context;
    const path = `organization/usage/${options.kind}`;
    const query = { path, window, groupBy: GROUP_BY, pageDays: options.page_days };
    for await (const { day, results } of this.client.results(query, context)) {
      if (results.length > 0) yield results.map((result) => toRow(day, readCompletionsUsage(result)));
    }
  }
}

function toRow(day: UtcDate, usage: OpenAiCompletionsUsage): Row {
  return {
    usage_date: day,
    project_id: usage.projectId,
    user_id: usage.userId,
    api_key_id: usage.apiKeyId,
    model: usage.model,
    batch: usage.batch,
    service_tier: usage.serviceTier,
    ...usage.counts,
  };
}

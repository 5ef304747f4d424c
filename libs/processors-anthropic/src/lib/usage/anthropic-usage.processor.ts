import {
  Processor,
  type ProcessorContext,
  type Row,
  type RowProcessor,
  type TableSchema,
  type TargetReader,
} from '@pipelines/pipeline';
import { AnthropicClient } from '../anthropic-client.ts';
import type { AnthropicSecret } from '../anthropic.secret.ts';
import { AnthropicNames } from '../names/anthropic-names.ts';
import {
  OPTIONAL_USAGE_DIMENSIONS,
  readMessagesUsage,
  USAGE_DIMENSIONS,
  type AnthropicMessagesUsage,
} from './anthropic-usage.api.ts';
import { AnthropicUsageOptions } from './anthropic-usage.options.ts';
import { ANTHROPIC_USAGE_MESSAGES_SCHEMA } from './anthropic-usage.schema.ts';

/**
 * Loads the tokens that an organization used, one row per UTC day or hour and combination of dimensions, with the names
 * of workspaces and keys. One batch is a bucket, or a part of a large one.
 */
@Processor({
  name: 'AnthropicUsageProcessor',
  module: '@pipelines/processors-anthropic',
  provider: 'anthropic',
  options: AnthropicUsageOptions,
})
export class AnthropicUsageProcessor implements RowProcessor<AnthropicUsageOptions, AnthropicSecret> {
  readonly kind = 'rows';

  constructor(private readonly client: AnthropicClient) {}

  schemaFor({ leave_out: left }: AnthropicUsageOptions): TableSchema {
    return { ...ANTHROPIC_USAGE_MESSAGES_SCHEMA, leftOut: left.flatMap(columnsOf) };
  }

  async *extract(
    context: ProcessorContext<AnthropicUsageOptions, AnthropicSecret>,
    { mergeKey = [] }: Partial<TargetReader> = {},
  ): AsyncGenerator<readonly Row[]> {
    const { options, window } = context;
    const { kind, bucket_width: bucketWidth, page_days: pageDays } = options;
    const names = new AnthropicNames(this.client, context);
    const path = `organizations/usage_report/${kind}`;
    const left: readonly string[] = options.leave_out;
    const groupBy = USAGE_DIMENSIONS.filter((dimension) => !left.includes(dimension));
    const optional = OPTIONAL_USAGE_DIMENSIONS.filter(
      (dimension) => !columnsOf(dimension).some((column) => mergeKey.includes(column)),
    );
    const query = { path, window, bucketWidth, groupBy, optional, pageDays };
    for await (const { day, start, results } of this.client.buckets(query, context)) {
      if (results.length === 0) continue;
      const usages = results.map(readMessagesUsage);
      await names.readFor(usages);
      const bucket = { usage_date: day, bucket_start: start, bucket_width: bucketWidth };
      yield usages.map((usage) => ({ ...bucket, ...toColumns(usage, names) }));
    }
  }
}

/** Columns that are null without the dimension. */
function columnsOf(dimension: string): readonly string[] {
  return dimension === 'api_key_id' ? ['api_key_id', 'api_key_name'] : [dimension];
}

function toColumns(usage: AnthropicMessagesUsage, names: AnthropicNames): Row {
  return {
    ...names.workspaceColumns(usage.workspaceId),
    api_key_id: usage.apiKeyId,
    api_key_name: names.apiKey(usage.apiKeyId),
    model: usage.model,
    service_tier: usage.serviceTier,
    context_window: usage.contextWindow,
    ...usage.counts,
  };
}

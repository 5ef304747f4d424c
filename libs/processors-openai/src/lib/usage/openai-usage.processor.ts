import {
  Processor,
  type ProcessorContext,
  type Row,
  type RowProcessor,
  type TableSchema,
  type TargetReader,
} from '@pipelines/pipeline';
import { OpenAiNames, type OpenAiIds } from '../names/openai-names.ts';
import { OpenAiClient } from '../openai-client.ts';
import type { OpenAiSecret } from '../openai.secret.ts';
import { readUsage, type OpenAiUsage } from './openai-usage.api.ts';
import { USAGE_DIMENSIONS, usageKind, type UsageDimension } from './openai-usage.kinds.ts';
import { OpenAiUsageOptions } from './openai-usage.options.ts';
import { openAiUsageSchema } from './openai-usage.schema.ts';

/**
 * Loads what an organization used, of one kind: one row per UTC day or hour and combination of the kind's dimensions,
 * with the names of projects, users and keys. A dimension that OpenAI refuses is null, unless rows are merged by it. One
 * batch is a bucket, or a part of a large one.
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

  schemaFor({ kind, leave_out: left }: OpenAiUsageOptions): TableSchema {
    return { ...openAiUsageSchema(kind), leftOut: left.flatMap(columnsOf) };
  }

  async *extract(
    context: ProcessorContext<OpenAiUsageOptions, OpenAiSecret>,
    { mergeKey = [] }: Partial<TargetReader> = {},
  ): AsyncGenerator<readonly Row[]> {
    const { options, window } = context;
    const { kind: name, bucket_width: bucketWidth, page_days: pageDays } = options;
    const kind = usageKind(name);
    const names = new OpenAiNames(this.client, context);
    const path = `organization/usage/${name}`;
    const groupBy = kind.dimensions.filter((dimension) => !options.leave_out.includes(dimension));
    const optional = groupBy.filter(
      (dimension) => !columnsOf(dimension).some((column) => mergeKey.includes(column)),
    );
    const query = { path, window, bucketWidth, groupBy, optional, pageDays };
    for await (const { day, start, results } of this.client.buckets(query, context)) {
      if (results.length === 0) continue;
      const usages = results.map((result) => readUsage(result, kind));
      await names.readFor(usages.map(idsOf));
      const bucket = { usage_date: day, bucket_start: start, bucket_width: bucketWidth };
      yield usages.map((usage) => ({
        ...bucket,
        ...usage.dimensions,
        ...namesOf(usage, names),
        ...usage.counts,
      }));
    }
  }
}

/** Columns that are null without the dimension. */
function columnsOf(dimension: UsageDimension): readonly string[] {
  const { named } = USAGE_DIMENSIONS[dimension] as { readonly named?: string };
  return named === undefined ? [dimension] : [dimension, named];
}

function idsOf({ dimensions }: OpenAiUsage): Required<OpenAiIds> {
  const id = (value: string | boolean | null | undefined): string | null =>
    typeof value === 'string' ? value : null;
  return {
    projectId: id(dimensions.project_id),
    apiKeyId: id(dimensions.api_key_id),
    userId: id(dimensions.user_id),
  };
}

function namesOf(usage: OpenAiUsage, names: OpenAiNames): Row {
  const { projectId, apiKeyId, userId } = idsOf(usage);
  return {
    ...('project_id' in usage.dimensions && { project_name: names.project(projectId) }),
    ...('user_id' in usage.dimensions && { user_name: names.user(userId) }),
    ...('api_key_id' in usage.dimensions && { api_key_name: names.apiKey(apiKeyId) }),
  };
}

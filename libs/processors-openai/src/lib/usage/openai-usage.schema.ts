import type { Column, TableSchema } from '@pipelines/pipeline';
import {
  USAGE_COUNTS,
  USAGE_DIMENSIONS,
  usageKind,
  type UsageDimension,
  type UsageKindName,
} from './openai-usage.kinds.ts';

/**
 * The table `openai_usage_<kind>`. A row is one bucket and one combination of the kind's dimensions; names say what the
 * ids were called when the row was loaded.
 */
export function openAiUsageSchema(name: UsageKindName): TableSchema {
  const { title, dimensions, required, optional } = usageKind(name);
  return {
    description: `OpenAI usage of ${title} per UTC day or hour, ${dimensions.join(', ')}`,
    columns: [
      { name: 'usage_date', type: 'DATE', mode: 'REQUIRED', description: 'UTC day of the usage' },
      { name: 'bucket_start', type: 'TIMESTAMP', description: 'Start of the bucket, UTC' },
      { name: 'bucket_width', type: 'STRING', description: 'Length of the bucket: 1d or 1h' },
      ...dimensions.flatMap(dimensionColumns),
      ...[...required, ...optional].map((count) => ({
        name: count,
        type: 'INT64' as const,
        description: USAGE_COUNTS[count],
      })),
    ],
    windowColumn: 'usage_date',
    naturalKey: ['bucket_start', ...dimensions],
  };
}

function dimensionColumns(name: UsageDimension): Column[] {
  const { type, description, ...rest } = USAGE_DIMENSIONS[name];
  const column: Column = { name, type, description };
  if (!('named' in rest)) return [column];
  const label = `${description}: its name; null when it was deleted or could not be read`;
  return [column, { name: rest.named, type: 'STRING', description: label }];
}

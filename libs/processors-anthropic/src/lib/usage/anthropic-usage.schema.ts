import type { TableSchema } from '@pipelines/pipeline';
import { USAGE_DIMENSIONS, type UsageCount } from './anthropic-usage.api.ts';

const COUNT_DESCRIPTIONS: Readonly<Record<UsageCount, string>> = {
  uncached_input_tokens: 'Input tokens neither read from nor written to the cache; disjoint from the others',
  cache_creation_5m_input_tokens: 'Input tokens written to the cache for five minutes',
  cache_creation_1h_input_tokens: 'Input tokens written to the cache for an hour',
  cache_read_input_tokens: 'Input tokens read from the cache',
  output_tokens: 'Output tokens',
  web_search_requests: 'Web searches that the model made',
};

/**
 * The table `anthropic_usage_messages`: tokens of the Messages API. A row is one bucket, workspace, API key, model,
 * service tier and context window. Tables that an earlier release made have a column `inference_geo` as well; it is null
 * in the rows of this one.
 */
export const ANTHROPIC_USAGE_MESSAGES_SCHEMA: TableSchema = {
  description:
    'Anthropic Messages usage per UTC day or hour, workspace, API key, model, service tier and context window. Code execution is not among it; the cost report has it.',
  columns: [
    { name: 'usage_date', type: 'DATE', mode: 'REQUIRED', description: 'UTC day of the usage' },
    { name: 'bucket_start', type: 'TIMESTAMP', description: 'Start of the bucket, UTC' },
    { name: 'bucket_width', type: 'STRING', description: 'Length of the bucket: 1d or 1h' },
    {
      name: 'workspace_id',
      type: 'STRING',
      description: 'Workspace, as received; null stands for the default workspace',
    },
    {
      name: 'default_workspace_id',
      type: 'STRING',
      description: 'Id of the default workspace where workspace_id is null; null when it could not be read',
    },
    {
      name: 'workspace_name',
      type: 'STRING',
      description:
        'Name of the workspace, archived and default ones included; null when it could not be read',
    },
    { name: 'api_key_id', type: 'STRING', description: 'API key; null for the Workbench of the Console' },
    {
      name: 'api_key_name',
      type: 'STRING',
      description: 'Name of the API key, archived ones included; null when it could not be read',
    },
    { name: 'model', type: 'STRING', description: 'Model, with its date' },
    {
      name: 'service_tier',
      type: 'STRING',
      description: 'standard, batch, priority, …, as received; priority is not in the cost report',
    },
    { name: 'context_window', type: 'STRING', description: '0-200k or 200k-1M, as received' },
    ...Object.entries(COUNT_DESCRIPTIONS).map(([name, description]) => ({
      name,
      type: 'INT64' as const,
      description,
    })),
  ],
  windowColumn: 'usage_date',
  naturalKey: ['bucket_start', ...USAGE_DIMENSIONS],
};

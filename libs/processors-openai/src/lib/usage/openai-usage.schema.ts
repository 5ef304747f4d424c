import type { TableSchema } from '@pipelines/pipeline';
import type { UsageCount } from './openai-usage.api.ts';

const COUNT_DESCRIPTIONS: Readonly<Record<UsageCount, string>> = {
  num_model_requests: 'Requests to the model',
  input_tokens: 'Input tokens, cached and cache-write tokens included',
  output_tokens: 'Output tokens of all modalities',
  input_uncached_tokens: 'Input tokens neither read from nor written to the cache',
  input_cached_tokens: 'Input tokens read from the cache',
  input_cache_write_tokens: 'Input tokens written to the cache',
  input_text_tokens: 'Uncached text input tokens',
  input_audio_tokens: 'Uncached audio input tokens',
  input_image_tokens: 'Uncached image input tokens',
  input_cached_text_tokens: 'Cached text input tokens',
  input_cached_audio_tokens: 'Cached audio input tokens',
  input_cached_image_tokens: 'Cached image input tokens',
  output_text_tokens: 'Text output tokens',
  output_audio_tokens: 'Audio output tokens',
  output_image_tokens: 'Image output tokens',
};

/** The table `openai_usage_completions`: tokens per day, project, user, API key, model, batch and service tier. */
export const OPENAI_USAGE_COMPLETIONS_SCHEMA: TableSchema = {
  description: 'OpenAI completions usage per UTC day, project, user, API key, model, batch and service tier',
  columns: [
    { name: 'usage_date', type: 'DATE', mode: 'REQUIRED', description: 'UTC day of the usage' },
    { name: 'project_id', type: 'STRING', description: 'OpenAI project' },
    { name: 'user_id', type: 'STRING', description: 'User or service account' },
    { name: 'api_key_id', type: 'STRING', description: 'API key' },
    { name: 'model', type: 'STRING', description: 'Model, with its date' },
    { name: 'batch', type: 'BOOL', description: 'Whether the Batch API was used' },
    { name: 'service_tier', type: 'STRING', description: 'Service tier, as received' },
    ...Object.entries(COUNT_DESCRIPTIONS).map(([name, description]) => ({
      name,
      type: 'INT64' as const,
      description,
    })),
  ],
  windowColumn: 'usage_date',
};

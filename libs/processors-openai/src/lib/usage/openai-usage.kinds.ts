import type { ScalarType } from '@pipelines/pipeline';

/** What usage can be grouped by: how the column reads, and the column that holds its name, if it has one. */
export const USAGE_DIMENSIONS = {
  project_id: { type: 'STRING', description: 'OpenAI project', named: 'project_name' },
  user_id: { type: 'STRING', description: 'User or service account', named: 'user_name' },
  api_key_id: { type: 'STRING', description: 'API key', named: 'api_key_name' },
  model: { type: 'STRING', description: 'Model, with its date' },
  batch: { type: 'BOOL', description: 'Whether the Batch API was used' },
  service_tier: { type: 'STRING', description: 'Service tier, as received' },
  size: { type: 'STRING', description: 'Size of the images, such as 1024x1024' },
  source: { type: 'STRING', description: 'How the images came about: image.generation, image.edit, …' },
  vector_store_id: { type: 'STRING', description: 'Vector store that was searched' },
  context_level: { type: 'STRING', description: 'Context of the search: low, medium or high' },
} as const satisfies Readonly<
  Record<string, { readonly type: ScalarType; readonly description: string; readonly named?: string }>
>;

/** A dimension of usage. */
export type UsageDimension = keyof typeof USAGE_DIMENSIONS;

/** What usage is counted in. */
export const USAGE_COUNTS = {
  num_model_requests: 'Requests to the model',
  input_tokens: 'Input tokens, cached and cache-write tokens included',
  output_tokens: 'Output tokens of all modalities',
  input_uncached_tokens: 'Input tokens neither read from nor written to the cache',
  input_cached_tokens: 'Input tokens read from the cache',
  input_cache_write_tokens: 'Input tokens written to the cache',
  input_cache_write_30m_tokens: 'Input tokens written to the cache for 30 minutes',
  input_cache_write_12h_tokens: 'Input tokens written to the cache for 12 hours',
  input_text_tokens: 'Uncached text input tokens',
  input_audio_tokens: 'Uncached audio input tokens',
  input_image_tokens: 'Uncached image input tokens',
  input_cached_text_tokens: 'Cached text input tokens',
  input_cached_audio_tokens: 'Cached audio input tokens',
  input_cached_image_tokens: 'Cached image input tokens',
  output_text_tokens: 'Text output tokens',
  output_audio_tokens: 'Audio output tokens',
  output_image_tokens: 'Image output tokens',
  images: 'Images processed',
  characters: 'Characters processed',
  seconds: 'Seconds of audio processed',
  usage_bytes: 'Bytes stored',
  num_sessions: 'Sessions of the code interpreter',
  num_requests: 'Requests to the tool',
} as const;

/** A count of usage. */
type UsageCount = keyof typeof USAGE_COUNTS;

/** One kind of usage: the rows of its endpoint. */
export interface UsageKind {
  /** What the table holds, in words. */
  readonly title: string;
  readonly dimensions: readonly UsageDimension[];
  /** Counts that every result carries. */
  readonly required: readonly UsageCount[];
  /** Counts that older days lack. */
  readonly optional: readonly UsageCount[];
}

const BY_KEY = ['project_id', 'user_id', 'api_key_id'] as const;
const BY_MODEL = [...BY_KEY, 'model'] as const;

/**
 * The kinds by the last segment of their path, `organization/usage/<kind>`. Facts: openai-openapi 2.3.0; of the
 * dimensions, `api_source` is left out, which the specification does not have.
 */
export const USAGE_KINDS = {
  completions: {
    title: 'completions',
    dimensions: [...BY_MODEL, 'batch', 'service_tier'],
    required: ['num_model_requests', 'input_tokens', 'output_tokens'],
    // `input_tokens` is the sum of uncached, cached and cache-write tokens.
    optional: [
      'input_uncached_tokens',
      'input_cached_tokens',
      'input_cache_write_tokens',
      'input_cache_write_30m_tokens',
      'input_cache_write_12h_tokens',
      'input_text_tokens',
      'input_audio_tokens',
      'input_image_tokens',
      'input_cached_text_tokens',
      'input_cached_audio_tokens',
      'input_cached_image_tokens',
      'output_text_tokens',
      'output_audio_tokens',
      'output_image_tokens',
    ],
  },
  embeddings: {
    title: 'embeddings',
    dimensions: BY_MODEL,
    required: ['num_model_requests', 'input_tokens'],
    optional: [],
  },
  moderations: {
    title: 'moderations',
    dimensions: BY_MODEL,
    required: ['num_model_requests', 'input_tokens'],
    optional: [],
  },
  images: {
    title: 'images',
    dimensions: [...BY_MODEL, 'size', 'source'],
    required: ['num_model_requests', 'images'],
    optional: [],
  },
  audio_speeches: {
    title: 'speech synthesis',
    dimensions: BY_MODEL,
    required: ['num_model_requests', 'characters'],
    optional: [],
  },
  audio_transcriptions: {
    title: 'audio transcriptions',
    dimensions: BY_MODEL,
    required: ['num_model_requests', 'seconds'],
    optional: [],
  },
  vector_stores: {
    title: 'vector stores',
    dimensions: ['project_id'],
    required: ['usage_bytes'],
    optional: [],
  },
  code_interpreter_sessions: {
    title: 'code interpreter sessions',
    dimensions: ['project_id'],
    required: [],
    optional: ['num_sessions'],
  },
  file_search_calls: {
    title: 'file searches',
    dimensions: [...BY_KEY, 'vector_store_id'],
    required: ['num_requests'],
    optional: [],
  },
  web_search_calls: {
    title: 'web searches',
    dimensions: [...BY_MODEL, 'context_level'],
    required: ['num_requests', 'num_model_requests'],
    optional: [],
  },
} as const satisfies Readonly<Record<string, UsageKind>>;

/** Name of a kind of usage. */
export type UsageKindName = keyof typeof USAGE_KINDS;

/** The kind of that name. */
export function usageKind(name: UsageKindName): UsageKind {
  return USAGE_KINDS[name];
}

/** One kind of usage: what its results are called, what they can be grouped by, and what they count. */
export interface SandboxUsageKind {
  readonly object: string;
  readonly dimensions: readonly string[];
  /** The counts, and how many a request takes at most; the counts of requests take one. */
  readonly counts: Readonly<Record<string, number>>;
  /** Models that are used so; a kind without models has none. */
  readonly models: readonly string[];
}

const BY_KEY = ['project_id', 'user_id', 'api_key_id'];
const BY_MODEL = [...BY_KEY, 'model'];

/** Counts of completions; `input_tokens` includes the cached and the cache-write tokens. */
export const COMPLETION_COUNTS = [
  'num_model_requests',
  'input_tokens',
  'output_tokens',
  'input_cached_tokens',
  'input_cache_write_tokens',
  'input_uncached_tokens',
];

/** Dimensions of completions. */
export const COMPLETION_DIMENSIONS = [...BY_MODEL, 'batch', 'service_tier'];

/** Every kind but completions, whose counts depend on each other, by the last segment of its path. */
export const USAGE_KINDS: Readonly<Record<string, SandboxUsageKind>> = {
  embeddings: {
    object: 'organization.usage.embeddings.result',
    dimensions: BY_MODEL,
    counts: { num_model_requests: 1, input_tokens: 2_000 },
    models: ['text-embedding-3-large', 'text-embedding-3-small'],
  },
  moderations: {
    object: 'organization.usage.moderations.result',
    dimensions: BY_MODEL,
    counts: { num_model_requests: 1, input_tokens: 400 },
    models: ['omni-moderation-2024-09-26'],
  },
  images: {
    object: 'organization.usage.images.result',
    dimensions: [...BY_MODEL, 'size', 'source'],
    counts: { num_model_requests: 1, images: 4 },
    models: ['dall-e-3', 'gpt-image-1'],
  },
  audio_speeches: {
    object: 'organization.usage.audio_speeches.result',
    dimensions: BY_MODEL,
    counts: { num_model_requests: 1, characters: 900 },
    models: ['tts-1', 'tts-1-hd'],
  },
  audio_transcriptions: {
    object: 'organization.usage.audio_transcriptions.result',
    dimensions: BY_MODEL,
    counts: { num_model_requests: 1, seconds: 240 },
    models: ['whisper-1'],
  },
  vector_stores: {
    object: 'organization.usage.vector_stores.result',
    dimensions: ['project_id'],
    counts: { usage_bytes: 50_000_000 },
    models: [],
  },
  code_interpreter_sessions: {
    object: 'organization.usage.code_interpreter_sessions.result',
    dimensions: ['project_id'],
    counts: { num_sessions: 1 },
    models: [],
  },
  // The names of these two results differ from their paths.
  file_search_calls: {
    object: 'organization.usage.file_searches.result',
    dimensions: [...BY_KEY, 'vector_store_id'],
    counts: { num_requests: 1 },
    models: [],
  },
  web_search_calls: {
    object: 'organization.usage.web_searches.result',
    dimensions: [...BY_MODEL, 'context_level'],
    counts: { num_requests: 3, num_model_requests: 1 },
    models: ['gpt-4o-2024-08-06', 'o4-mini-2025-04-16'],
  },
};

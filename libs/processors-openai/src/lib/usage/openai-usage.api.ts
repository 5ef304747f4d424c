import type { JsonValue } from '@pipelines/pipeline';

/** Token counts that every result carries. */
const REQUIRED_COUNTS = ['num_model_requests', 'input_tokens', 'output_tokens'] as const;

/** Token counts that older days lack. `input_tokens` is the sum of uncached, cached and cache-write tokens. */
const OPTIONAL_COUNTS = [
  'input_uncached_tokens',
  'input_cached_tokens',
  'input_cache_write_tokens',
  'input_text_tokens',
  'input_audio_tokens',
  'input_image_tokens',
  'input_cached_text_tokens',
  'input_cached_audio_tokens',
  'input_cached_image_tokens',
  'output_text_tokens',
  'output_audio_tokens',
  'output_image_tokens',
] as const;

/** A count of a completions result. */
export type UsageCount = (typeof REQUIRED_COUNTS)[number] | (typeof OPTIONAL_COUNTS)[number];

/** The fields read of an `organization.usage.completions.result`. */
export interface OpenAiCompletionsUsage {
  readonly projectId: string | null;
  readonly userId: string | null;
  readonly apiKeyId: string | null;
  readonly model: string | null;
  readonly batch: boolean | null;
  readonly serviceTier: string | null;
  readonly counts: Readonly<Record<UsageCount, bigint | null>>;
}

/**
 * Reads one result. A split that an older day lacks stays null, except that uncached input follows from the total.
 * @throws PipelineError `provider_response_invalid`
 */
export function readCompletionsUsage(result: JsonValue): OpenAiCompletionsUsage {
  return {
    projectId: result.get('project_id').optional((value) => value.text()),
    userId: result.get('user_id').optional((value) => value.text()),
    apiKeyId: result.get('api_key_id').optional((value) => value.text()),
    model: result.get('model').optional((value) => value.text()),
    batch: result.get('batch').optional((value) => value.boolean()),
    serviceTier: result.get('service_tier').optional((value) => value.text()),
    counts: readCounts(result),
  };
}

function readCounts(result: JsonValue): Record<UsageCount, bigint | null> {
  const required = REQUIRED_COUNTS.map((name) => [name, result.get(name).integer()]);
  const optional = OPTIONAL_COUNTS.map((name) => [
    name,
    result.get(name).optional((value) => value.integer()),
  ]);
  const counts = Object.fromEntries([...required, ...optional]) as Record<UsageCount, bigint | null>;
  return { ...counts, input_uncached_tokens: counts.input_uncached_tokens ?? uncachedOf(counts) };
}

function uncachedOf(counts: Readonly<Record<UsageCount, bigint | null>>): bigint | null {
  const { input_tokens: total, input_cached_tokens: cached, input_cache_write_tokens: written } = counts;
  return total === null || cached === null ? null : total - cached - (written ?? 0n);
}

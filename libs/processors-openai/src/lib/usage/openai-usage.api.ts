import type { JsonValue } from '@pipelines/pipeline';
import { USAGE_DIMENSIONS, type UsageDimension, type UsageKind } from './openai-usage.kinds.ts';

/** The fields read of a usage result: the dimensions and counts of its kind. */
export interface OpenAiUsage {
  readonly dimensions: Readonly<Record<string, string | boolean | null>>;
  readonly counts: Readonly<Record<string, bigint | null>>;
}

/**
 * Reads one result. A split that an older day lacks stays null, except that uncached input follows from the total.
 * @throws PipelineError `provider_response_invalid`
 */
export function readUsage(result: JsonValue, { dimensions, required, optional }: UsageKind): OpenAiUsage {
  const values = dimensions.map(
    (name) => [name, result.get(name).optional((value) => read(name, value))] as const,
  );
  const counts: Record<string, bigint | null> = {};
  for (const name of required) counts[name] = result.get(name).integer();
  for (const name of optional) counts[name] = result.get(name).optional((value) => value.integer());
  if (counts.input_uncached_tokens === null) counts.input_uncached_tokens = uncachedOf(counts);
  return { dimensions: Object.fromEntries(values), counts };
}

function read(name: UsageDimension, value: JsonValue): string | boolean {
  return USAGE_DIMENSIONS[name].type === 'BOOL' ? value.boolean() : value.text();
}

function uncachedOf({
  input_tokens: total,
  input_cached_tokens: cached,
  input_cache_write_tokens: written,
}: OpenAiUsage['counts']): bigint | null {
  return typeof total === 'bigint' && typeof cached === 'bigint' ? total - cached - (written ?? 0n) : null;
}

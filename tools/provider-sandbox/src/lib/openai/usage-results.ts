import { groupEntries } from './group-entries.ts';
import { FIRST_DAY_WITH_SPLIT, USAGE_COUNTS, type UsageEntry } from './usage-ledger.ts';

/** Dimensions that completions can be grouped by. */
export const USAGE_DIMENSIONS = [
  'project_id',
  'user_id',
  'api_key_id',
  'model',
  'batch',
  'service_tier',
] as const;

/** A dimension of usage. */
export type UsageDimension = (typeof USAGE_DIMENSIONS)[number];

/** The sums of the entries that share the dimensions. */
export interface UsageGroup {
  readonly first: UsageEntry;
  readonly counts: Record<(typeof USAGE_COUNTS)[number], number>;
}

/** The groups of a day's entries. */
export function groupUsage(
  entries: readonly UsageEntry[],
  dimensions: readonly UsageDimension[],
): UsageGroup[] {
  return groupEntries<UsageEntry, UsageGroup>(
    entries,
    dimensions,
    (first) => ({
      first,
      counts: Object.fromEntries(USAGE_COUNTS.map((name) => [name, 0])) as UsageGroup['counts'],
    }),
    ({ counts }, entry) => {
      for (const name of USAGE_COUNTS) counts[name] += entry[name];
    },
  );
}

/** A group as the API writes it; older days lack the split of input tokens, except for the cached part. */
export function usageResult(
  { first, counts }: UsageGroup,
  dimensions: readonly UsageDimension[],
  date: string,
): object {
  const { input_cache_write_tokens, input_uncached_tokens, ...always } = counts;
  const split = { input_cache_write_tokens, input_uncached_tokens, input_text_tokens: input_uncached_tokens };
  return {
    object: 'organization.usage.completions.result',
    ...always,
    ...(date >= FIRST_DAY_WITH_SPLIT ? split : {}),
    ...Object.fromEntries(
      USAGE_DIMENSIONS.map((dimension) => [
        dimension,
        dimensions.includes(dimension) ? first[dimension] : null,
      ]),
    ),
    api_source: null,
  };
}

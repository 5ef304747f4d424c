import { groupEntries } from '../deterministic/group-entries.ts';
import { COMPLETION_COUNTS, COMPLETION_DIMENSIONS, USAGE_KINDS } from './usage-kinds.ts';
import { FIRST_DAY_WITH_SPLIT, type UsageEntry } from './usage-ledger.ts';

/** The sums of the entries that share the dimensions. */
export interface UsageGroup {
  readonly first: UsageEntry;
  readonly counts: Record<string, number>;
}

/** Names of all kinds. */
export const USAGE_KIND_NAMES = ['completions', ...Object.keys(USAGE_KINDS)];

/** What the kind can be grouped by. */
export function dimensionsOf(kind: string): readonly string[] {
  return kind === 'completions' ? COMPLETION_DIMENSIONS : USAGE_KINDS[kind]!.dimensions;
}

/** What the kind counts. */
export function countsOf(kind: string): readonly string[] {
  return kind === 'completions' ? COMPLETION_COUNTS : Object.keys(USAGE_KINDS[kind]!.counts);
}

/** The groups of the entries. */
export function groupUsage(
  kind: string,
  entries: readonly UsageEntry[],
  dimensions: readonly string[],
): UsageGroup[] {
  const names = countsOf(kind);
  return groupEntries<UsageEntry, UsageGroup>(
    entries,
    dimensions,
    (first) => ({ first, counts: Object.fromEntries(names.map((name) => [name, 0])) }),
    ({ counts }, entry) => {
      for (const name of names) counts[name]! += Number(entry[name]);
    },
  );
}

/** A group as the API writes it; older days lack the split of input tokens, except for the cached part. */
export function usageResult(
  kind: string,
  { first, counts }: UsageGroup,
  dimensions: readonly string[],
  date: string,
): object {
  return {
    object: USAGE_KINDS[kind]?.object ?? 'organization.usage.completions.result',
    ...(kind === 'completions' ? completionCounts(counts, date) : counts),
    ...Object.fromEntries(
      dimensionsOf(kind).map((dimension) => [
        dimension,
        dimensions.includes(dimension) ? first[dimension] : null,
      ]),
    ),
    ...(kind === 'completions' ? { api_source: null } : {}),
  };
}

function completionCounts(counts: UsageGroup['counts'], date: string): object {
  const { input_cache_write_tokens, input_uncached_tokens, ...always } = counts;
  const split = { input_cache_write_tokens, input_uncached_tokens, input_text_tokens: input_uncached_tokens };
  return { ...always, ...(date >= FIRST_DAY_WITH_SPLIT ? split : {}) };
}

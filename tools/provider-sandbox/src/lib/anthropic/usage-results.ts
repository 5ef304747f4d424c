import { groupEntries } from '../deterministic/group-entries.ts';
import { USAGE_COUNTS, type UsageCount, type UsageEntry } from './usage-ledger.ts';

/** Dimensions by which the truth counts rows: as many as a query may name. */
export const TOLD_DIMENSIONS = [
  'workspace_id',
  'api_key_id',
  'model',
  'service_tier',
  'context_window',
] as const;

/** Dimensions that Messages usage can be grouped by. */
export const USAGE_DIMENSIONS = [
  ...TOLD_DIMENSIONS,
  'inference_geo',
  'account_id',
  'service_account_id',
  'speed',
] as const;

/** A dimension of usage. */
export type UsageDimension = (typeof USAGE_DIMENSIONS)[number];

/** The sums of the entries that share the dimensions. */
export interface UsageGroup {
  readonly first: UsageEntry;
  readonly counts: Record<UsageCount, number>;
}

/** The groups of the entries. */
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

/** A group as the API writes it. */
export function usageResult({ first, counts }: UsageGroup, dimensions: readonly UsageDimension[]): object {
  return {
    uncached_input_tokens: counts.uncached_input_tokens,
    cache_creation: {
      ephemeral_5m_input_tokens: counts.cache_creation_5m,
      ephemeral_1h_input_tokens: counts.cache_creation_1h,
    },
    cache_read_input_tokens: counts.cache_read_input_tokens,
    output_tokens: counts.output_tokens,
    server_tool_use: { web_search_requests: counts.web_search_requests },
    ...Object.fromEntries(
      USAGE_DIMENSIONS.map((dimension) => [
        dimension,
        dimensions.includes(dimension) ? first[dimension] : null,
      ]),
    ),
  };
}

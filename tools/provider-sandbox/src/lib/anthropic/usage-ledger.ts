import type { SandboxClock } from '../control/clock.ts';
import { isWeekend } from '../deterministic/days.ts';
import { Draw } from '../deterministic/draw.ts';
import { spreadOverHours } from '../deterministic/hours.ts';
import { knowledgeOf } from '../deterministic/restated.ts';
import { directoryOf, workspacesOn } from './directory.ts';
import { MODELS } from './price-list.ts';

/** Counts of a usage entry; the four counts of input tokens are disjoint. */
export const USAGE_COUNTS = [
  'uncached_input_tokens',
  'cache_creation_5m',
  'cache_creation_1h',
  'cache_read_input_tokens',
  'output_tokens',
  'web_search_requests',
] as const;

/** A count of usage. */
export type UsageCount = (typeof USAGE_COUNTS)[number];

/** What one key sent to one model on one day. */
export interface UsageEntry extends Readonly<Record<UsageCount, number>> {
  /** Null for the default workspace. */
  readonly workspace_id: string | null;
  /** Null for the Workbench. */
  readonly api_key_id: string | null;
  readonly model: string;
  readonly service_tier: string;
  readonly context_window: string;
  readonly inference_geo: string;
  /** Null, since keys are what the sandbox counts by. */
  readonly account_id: null;
  readonly service_account_id: null;
  readonly speed: 'standard';
  readonly hour: number;
}

/** Everything that the organization of the key used on the day, by the hour; nothing for days to come. */
export type UsageLedger = (apiKey: string, date: string) => readonly UsageEntry[];

/** The usage that belongs to the seed, as far as it is known by now. */
export function usageLedger(seed: string, clock: SandboxClock): UsageLedger {
  return (apiKey, date) => {
    if (clock.isFuture(date)) return [];
    return usageOn(seed, apiKey, date).filter(
      ({ workspace_id, api_key_id, model }) =>
        knowledgeOf(clock, date, seed, apiKey, workspace_id ?? '', api_key_id ?? '', model) !== 'nothing',
    );
  };
}

/** The usage of the day as it will be known in the end. */
export function usageOn(seed: string, apiKey: string, date: string): readonly UsageEntry[] {
  return workspacesOn(directoryOf(seed, apiKey), date).flatMap((workspace) => {
    const keyIds = [...workspace.apiKeys.map(({ id }) => id), ...(workspace.isDefault ? [null] : [])];
    return keyIds.flatMap((keyId) =>
      MODELS.flatMap(({ name: model, geos }) => {
        const key = ['anthropic usage', seed, apiKey, date, workspace.id, keyId ?? '', model];
        const draw = new Draw(...key);
        if (draw.below(5) < 2) return [];
        const requests = 1 + draw.below(isWeekend(date) ? 400 : 1_600);
        const entry = {
          workspace_id: workspace.isDefault ? null : workspace.id,
          api_key_id: keyId,
          model,
          service_tier: draw.pick(['standard', 'standard', 'standard', 'batch', 'priority']),
          context_window: draw.pick(['0-200k', '0-200k', '0-200k', '200k-1M']),
          inference_geo: draw.pick(geos),
          account_id: null,
          service_account_id: null,
          speed: 'standard' as const,
          uncached_input_tokens: requests * (60 + draw.below(900)),
          cache_creation_5m: requests * draw.below(120),
          cache_creation_1h: requests * draw.below(40),
          cache_read_input_tokens: requests * draw.below(2_000),
          output_tokens: requests * (10 + draw.below(400)),
          web_search_requests: 0,
        };
        const searches = new Draw('searches', ...key);
        const searching = searches.oneIn(4) ? { web_search_requests: searches.below(requests) } : {};
        return spreadOverHours({ ...entry, ...searching }, USAGE_COUNTS, ...key);
      }),
    );
  });
}

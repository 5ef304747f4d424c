import { isFuture, isWeekend } from '../deterministic/days.ts';
import { Draw } from '../deterministic/draw.ts';
import { directoryOf, projectsOn } from './directory.ts';
import { MODELS } from './price-list.ts';

/** Counts of a usage entry; `input_tokens` includes the cached and the cache-write tokens. */
export const USAGE_COUNTS = [
  'num_model_requests',
  'input_tokens',
  'output_tokens',
  'input_cached_tokens',
  'input_cache_write_tokens',
  'input_uncached_tokens',
] as const;

/** Before this day the split of input tokens is not known. */
export const FIRST_DAY_WITH_SPLIT = '2026-01-01';

/** The completions of one user with one key and model on one day. */
export interface UsageEntry extends Readonly<Record<(typeof USAGE_COUNTS)[number], number>> {
  readonly project_id: string;
  readonly user_id: string;
  readonly api_key_id: string;
  readonly model: string;
  readonly batch: boolean;
  readonly service_tier: string;
}

/** Every completion of the organization of the key on the day; nothing for days to come. */
export function completionsOf(seed: string, apiKey: string, date: string): readonly UsageEntry[] {
  if (isFuture(date)) return [];
  const directory = directoryOf(seed, apiKey);
  return projectsOn(directory, date).flatMap((project) =>
    project.apiKeys.flatMap(({ id: apiKeyId }) =>
      MODELS.flatMap(({ name: model }) => {
        const draw = new Draw('usage', seed, apiKey, date, apiKeyId, model);
        if (draw.below(5) < 2) return [];
        const requests = 1 + draw.below(isWeekend(date) ? 500 : 2_000);
        const uncached = requests * (50 + draw.below(900));
        const cached = requests * draw.below(400);
        const written = draw.oneIn(3) ? requests * draw.below(100) : 0;
        return [
          {
            project_id: project.id,
            user_id: draw.pick(directory.users).id,
            api_key_id: apiKeyId,
            model,
            batch: draw.oneIn(6),
            service_tier: draw.pick(['default', 'default', 'priority', 'flex']),
            num_model_requests: requests,
            input_tokens: uncached + cached + written,
            output_tokens: requests * draw.below(300),
            input_cached_tokens: cached,
            input_cache_write_tokens: written,
            input_uncached_tokens: uncached,
          },
        ];
      }),
    ),
  );
}

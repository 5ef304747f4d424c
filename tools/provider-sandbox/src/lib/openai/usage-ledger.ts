import type { SandboxClock } from '../control/clock.ts';
import { isWeekend } from '../deterministic/days.ts';
import { Draw } from '../deterministic/draw.ts';
import { spreadOverHours } from '../deterministic/hours.ts';
import { knowledgeOf } from '../deterministic/restated.ts';
import { directoryOf, projectsOn, type SandboxMember, type SandboxProject } from './directory.ts';
import { MODELS } from './price-list.ts';
import { COMPLETION_COUNTS, USAGE_KINDS, type SandboxUsageKind } from './usage-kinds.ts';

/** Before this day the split of input tokens is not known. */
export const FIRST_DAY_WITH_SPLIT = '2026-01-01';

/** The dimensions, counts and hour of what was used. */
export interface UsageEntry {
  readonly hour: number;
  readonly [field: string]: string | number | boolean | null;
}

/** Everything of the kind that the organization of the key used on the day; nothing for days to come. */
export type UsageLedger = (kind: string, apiKey: string, date: string) => readonly UsageEntry[];

/** One in so many combinations of key and model rests on a given day. */
const RESTING = { completions: 2, others: 3 };

/** Who used what. */
interface Usage {
  readonly project: SandboxProject;
  readonly keyId: string;
  readonly model: string;
  readonly weekend: boolean;
}

/** The usage that belongs to the seed. */
export function usageLedger(seed: string, clock: SandboxClock): UsageLedger {
  return (kind, apiKey, date) => {
    if (clock.isFuture(date)) return [];
    const directory = directoryOf(seed, apiKey);
    const weekend = isWeekend(date);
    return projectsOn(directory, date).flatMap((project) => {
      const people = [...directory.users, project.serviceAccount];
      return usesOf(kind, project).flatMap(({ keyId, model }) => {
        const known = knowledgeOf(clock, date, 'usage', seed, kind, keyId, model);
        if (known === 'nothing') return [];
        const usage = { project, keyId, model, weekend };
        const key = [seed, apiKey, date, keyId, model];
        const entry =
          kind === 'completions'
            ? completionsOf(usage, people, new Draw('usage', ...key))
            : otherUsageOf(USAGE_KINDS[kind]!, usage, people, new Draw('usage', kind, ...key));
        const counts = kind === 'completions' ? COMPLETION_COUNTS : Object.keys(USAGE_KINDS[kind]!.counts);
        return entry ? spreadOverHours(entry, counts, kind, ...key) : [];
      });
    });
  };
}

/** The combinations of key and model; a kind that knows no keys has the project in their place. */
function usesOf(kind: string, project: SandboxProject): { keyId: string; model: string }[] {
  const models =
    kind === 'completions' ? MODELS.map(({ name }) => name) : withNone(USAGE_KINDS[kind]!.models);
  const hasKeys = kind === 'completions' || USAGE_KINDS[kind]!.dimensions.includes('api_key_id');
  const keyIds = hasKeys ? project.apiKeys.map(({ id }) => id) : [project.id];
  return keyIds.flatMap((keyId) => models.map((model) => ({ keyId, model })));
}

function withNone(models: readonly string[]): readonly string[] {
  return models.length > 0 ? models : [''];
}

type Fields = Record<string, string | number | boolean>;

function completionsOf(
  { project, keyId, model, weekend }: Usage,
  people: readonly SandboxMember[],
  draw: Draw,
): Fields | undefined {
  if (draw.below(5) < RESTING.completions) return undefined;
  const requests = 1 + draw.below(weekend ? 500 : 2_000);
  const uncached = requests * (50 + draw.below(900));
  const cached = requests * draw.below(400);
  const written = draw.oneIn(3) ? requests * draw.below(100) : 0;
  return {
    project_id: project.id,
    user_id: draw.pick(people).id,
    api_key_id: keyId,
    model,
    batch: draw.oneIn(6),
    service_tier: draw.pick(['default', 'default', 'priority', 'flex']),
    num_model_requests: requests,
    input_tokens: uncached + cached + written,
    output_tokens: requests * draw.below(300),
    input_cached_tokens: cached,
    input_cache_write_tokens: written,
    input_uncached_tokens: uncached,
  };
}

function otherUsageOf(
  { counts }: SandboxUsageKind,
  { project, keyId, model, weekend }: Usage,
  people: readonly SandboxMember[],
  draw: Draw,
): Fields | undefined {
  if (draw.below(5) < RESTING.others) return undefined;
  const requests = 1 + draw.below(weekend ? 60 : 300);
  return {
    project_id: project.id,
    user_id: draw.pick(people).id,
    api_key_id: keyId,
    model,
    size: draw.pick(['256x256', '1024x1024', '1792x1024']),
    source: draw.pick(['image.generation', 'image.generation', 'image.edit']),
    vector_store_id: `vs_${project.id.slice(5, 17)}`,
    context_level: draw.pick(['low', 'medium', 'high']),
    ...Object.fromEntries(
      Object.entries(counts).map(([name, most]) => [name, requests * (1 + draw.below(most))]),
    ),
  };
}

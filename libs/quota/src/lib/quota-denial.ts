import { PipelineError } from '@pipelines/pipeline';
import type { Plan } from './plan.ts';
import { quotaStatus, type LimitName, type LimitStatus } from './quota-status.ts';
import type { Usage } from './usage.reader.ts';

/** When a slot of a concurrent limit may be free again is unknown; this is when to ask again. */
const CONCURRENT_RETRY_MS = 10_000;

/** The 429: which limit is in the way, what it allows, what is used and when it resets. */
export class QuotaExceededError extends PipelineError {
  /** @param limits Every limit of the plan, for the RateLimit fields of the answer. */
  constructor(
    { name, allowed, used, resetsAt }: LimitStatus,
    readonly limits: readonly LimitStatus[],
    readonly readAt: Date,
  ) {
    const advice = resetsAt
      ? `It resets at ${resetsAt.toISOString()}.`
      : 'Wait for a run to finish, or for a larger plan.';
    super(
      'quota_exceeded',
      `The ${name} limit of the plan is reached: ${used} of ${allowed} used. ${advice}`,
      {
        facts: { limit: name, allowed, used, resets_at: resetsAt },
        retryAfterMs: resetsAt ? resetsAt.getTime() - readAt.getTime() : CONCURRENT_RETRY_MS,
      },
    );
  }
}

/** The limit whose reset lies farthest ahead comes first: waiting for a nearer one would not help. */
const ORDER: readonly LimitName[] = ['monthly', 'daily', 'concurrent'];

/**
 * The limit in the way of another run, or undefined when there is none any more, because a slot became free meanwhile.
 */
export function quotaDenial(plan: Plan, usage: Usage): QuotaExceededError | undefined {
  const limits = quotaStatus(plan, usage);
  const reached = ORDER.map((name) => limits.find((limit) => limit.name === name)!).find(
    ({ remaining }) => remaining === 0,
  );
  return reached && new QuotaExceededError(reached, limits, usage.readAt);
}

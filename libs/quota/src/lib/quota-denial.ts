import { PipelineError } from '@pipelines/pipeline';
import type { Plan } from './plan.ts';
import { quotaResets } from './quota-window.ts';

/** What an organization has used at an instant, by the database's clock. */
export interface Usage {
  readonly daily: number;
  readonly monthly: number;
  readonly concurrent: number;
  readonly readAt: Date;
}

/** When a slot of a concurrent limit may be free again is unknown; this is when to ask again. */
const CONCURRENT_RETRY_MS = 10_000;

/**
 * The 429 that names the limit in the way: which one, what it allows, what is used and when it resets. Undefined when
 * no limit is in the way any more, because a slot became free meanwhile.
 */
export function quotaDenial(plan: Plan, usage: Usage): PipelineError | undefined {
  const resets = quotaResets(usage.readAt);

  if (reached(plan.monthlyLimit, usage.monthly)) {
    return denial('monthly', plan.monthlyLimit, usage.monthly, resets.monthly, usage.readAt);
  }
  if (reached(plan.dailyLimit, usage.daily)) {
    return denial('daily', plan.dailyLimit, usage.daily, resets.daily, usage.readAt);
  }
  if (reached(plan.concurrentLimit, usage.concurrent)) {
    return denial('concurrent', plan.concurrentLimit, usage.concurrent, null, usage.readAt);
  }
  return undefined;
}

function reached(limit: number | null, used: number): limit is number {
  return limit !== null && used >= limit;
}

function denial(
  limit: 'daily' | 'monthly' | 'concurrent',
  allowed: number,
  used: number,
  resetsAt: Date | null,
  now: Date,
): PipelineError {
  const advice = resetsAt
    ? `It resets at ${resetsAt.toISOString()}.`
    : 'Wait for a run to finish, or for a larger plan.';
  return new PipelineError(
    'quota_exceeded',
    `The ${limit} limit of the plan is reached: ${used} of ${allowed} used. ${advice}`,
    {
      facts: { limit, allowed, used, resets_at: resetsAt },
      retryAfterMs: resetsAt ? resetsAt.getTime() - now.getTime() : CONCURRENT_RETRY_MS,
    },
  );
}

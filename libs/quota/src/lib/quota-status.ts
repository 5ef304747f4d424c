import type { Plan } from './plan.ts';
import { quotaResets } from './quota-window.ts';
import type { Usage } from './usage.reader.ts';

/** The kinds of limit a plan has. */
export type LimitName = 'daily' | 'monthly' | 'concurrent';

/** One limit and what is used of it. Null allowed and remaining: unlimited. */
export interface LimitStatus {
  readonly name: LimitName;
  readonly allowed: number | null;
  readonly used: number;
  readonly remaining: number | null;
  /** Null for the concurrent limit, which frees up as runs end. */
  readonly resetsAt: Date | null;
}

/** Every limit of the plan with what is used of it. */
export function quotaStatus(plan: Plan, usage: Usage): readonly LimitStatus[] {
  const resets = quotaResets(usage.readAt);
  const limit = (name: LimitName, allowed: number | null, resetsAt: Date | null): LimitStatus => ({
    name,
    allowed,
    used: usage[name],
    remaining: allowed === null ? null : Math.max(0, allowed - usage[name]),
    resetsAt,
  });
  return [
    limit('daily', plan.dailyLimit, resets.daily),
    limit('monthly', plan.monthlyLimit, resets.monthly),
    limit('concurrent', plan.concurrentLimit, null),
  ];
}

/** The values of the HTTP fields `RateLimit-Policy` and `RateLimit` (IETF draft-ietf-httpapi-ratelimit-headers). */
export interface RateLimitFields {
  readonly policy: string;
  readonly limit: string;
}

const SECONDS_OF_DAY = 86_400;

/** The fields for the limits that are set: `"daily";q=10;w=86400` and `"daily";r=3;t=4711`. Undefined when none is. */
export function rateLimitFields(limits: readonly LimitStatus[], now: Date): RateLimitFields | undefined {
  const set = limits.filter(({ allowed }) => allowed !== null);
  if (set.length === 0) return undefined;
  return {
    policy: set.map(({ name, allowed }) => `"${name}";q=${allowed}${windowOf(name, now)}`).join(', '),
    limit: set
      .map(({ name, remaining, resetsAt }) => {
        const seconds = resetsAt && Math.ceil((resetsAt.getTime() - now.getTime()) / 1000);
        return `"${name}";r=${remaining}${seconds === null ? '' : `;t=${seconds}`}`;
      })
      .join(', '),
  };
}

function windowOf(name: LimitName, now: Date): string {
  if (name === 'concurrent') return '';
  if (name === 'daily') return `;w=${SECONDS_OF_DAY}`;
  const daysOfMonth = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 0)).getUTCDate();
  return `;w=${daysOfMonth * SECONDS_OF_DAY}`;
}

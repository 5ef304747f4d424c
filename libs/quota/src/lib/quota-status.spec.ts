import { describe, expect, it } from '@jest/globals';
import type { Plan } from './plan.ts';
import { quotaStatus, rateLimitFields } from './quota-status.ts';

const plan: Plan = {
  org: 'acme_corp',
  status: 'ACTIVE',
  trialEndsAt: null,
  trialEnded: false,
  dailyLimit: 10,
  monthlyLimit: null,
  concurrentLimit: 2,
};
const now = new Date('2026-02-28T23:59:00.500Z');
const usage = { daily: 12, monthly: 40, concurrent: 1, readAt: now };

describe('quotaStatus', () => {
  it('tells what is allowed, used and left of each limit, and when it resets', () => {
    expect(quotaStatus(plan, usage)).toEqual([
      { name: 'daily', allowed: 10, used: 12, remaining: 0, resetsAt: new Date('2026-03-01T00:00:00Z') },
      {
        name: 'monthly',
        allowed: null,
        used: 40,
        remaining: null,
        resetsAt: new Date('2026-03-01T00:00:00Z'),
      },
      { name: 'concurrent', allowed: 2, used: 1, remaining: 1, resetsAt: null },
    ]);
  });
});

describe('rateLimitFields', () => {
  it('states the limits that are set', () => {
    expect(rateLimitFields(quotaStatus(plan, usage), now)).toEqual({
      policy: '"daily";q=10;w=86400, "concurrent";q=2',
      limit: '"daily";r=0;t=60, "concurrent";r=1',
    });
  });

  it('gives a month its own length', () => {
    const monthly = { ...plan, dailyLimit: null, monthlyLimit: 100, concurrentLimit: null };

    expect(rateLimitFields(quotaStatus(monthly, usage), now)).toEqual({
      policy: '"monthly";q=100;w=2419200',
      limit: '"monthly";r=60;t=60',
    });
  });

  it('is silent when nothing is limited', () => {
    const open = { ...plan, dailyLimit: null, concurrentLimit: null };

    expect(rateLimitFields(quotaStatus(open, usage), now)).toBeUndefined();
  });
});

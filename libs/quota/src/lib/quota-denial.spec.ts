import { describe, expect, it } from '@jest/globals';
import type { Plan } from './plan.ts';
import { quotaDenial } from './quota-denial.ts';
import type { Usage } from './usage.reader.ts';

const plan: Plan = {
  org: 'acme_corp',
  status: 'ACTIVE',
  trialEndsAt: null,
  trialEnded: false,
  dailyLimit: 10,
  monthlyLimit: 100,
  concurrentLimit: 2,
};
const usage = (changes: Partial<Usage>): Usage => ({
  daily: 0,
  monthly: 0,
  concurrent: 0,
  readAt: new Date('2026-12-31T23:59:50.000Z'),
  ...changes,
});

describe('quotaDenial', () => {
  it('names the daily limit and its reset at UTC midnight', () => {
    expect(quotaDenial(plan, usage({ daily: 10 }))).toMatchObject({
      code: 'quota_exceeded',
      retryAfterMs: 10_000,
      facts: { limit: 'daily', allowed: 10, used: 10, resets_at: new Date('2027-01-01T00:00:00.000Z') },
    });
  });

  it('names the monthly limit first, because waiting for the day would not help', () => {
    expect(quotaDenial(plan, usage({ daily: 10, monthly: 100 }))?.facts).toMatchObject({
      limit: 'monthly',
      resets_at: new Date('2027-01-01T00:00:00.000Z'),
    });
  });

  it('names the concurrent limit without a reset, and when to ask again', () => {
    expect(quotaDenial(plan, usage({ concurrent: 2 }))).toMatchObject({
      retryAfterMs: 10_000,
      facts: { limit: 'concurrent', allowed: 2, used: 2, resets_at: null },
    });
  });

  it('finds nothing in the way below the limits', () => {
    expect(quotaDenial(plan, usage({ daily: 9, monthly: 99, concurrent: 1 }))).toBeUndefined();
  });

  it('treats a null limit as unlimited and a zero limit as none at all', () => {
    const open = { ...plan, dailyLimit: null, monthlyLimit: null, concurrentLimit: null };

    expect(quotaDenial(open, usage({ daily: 1e9, monthly: 1e9, concurrent: 1e9 }))).toBeUndefined();
    expect(quotaDenial({ ...open, dailyLimit: 0 }, usage({}))?.facts).toMatchObject({
      limit: 'daily',
      allowed: 0,
    });
  });
});

import { describe, expect, it } from '@jest/globals';
import { assertActive, type Plan } from './plan.ts';

const plan = (changes: Partial<Plan>): Plan => ({
  org: 'acme_corp',
  status: 'ACTIVE',
  trialEndsAt: null,
  trialEnded: false,
  dailyLimit: null,
  monthlyLimit: null,
  concurrentLimit: null,
  ...changes,
});

describe('assertActive', () => {
  it.each(['ACTIVE', 'active', 'TRIAL', 'Trial'])('lets %s run', (status) => {
    expect(() => assertActive(plan({ status }))).not.toThrow();
  });

  it.each(['past_due', 'trialing', 'canceled', '', 'ACTIVE '])('refuses %j', (status) => {
    expect(() => assertActive(plan({ status }))).toThrow(
      expect.objectContaining({ code: 'subscription_inactive' }),
    );
  });

  it('refuses a trial that ended and says when', () => {
    const ended = plan({ status: 'TRIAL', trialEnded: true, trialEndsAt: new Date('2026-11-01T00:00:00Z') });

    expect(() => assertActive(ended)).toThrow(/ended at 2026-11-01T00:00:00.000Z/);
  });
});

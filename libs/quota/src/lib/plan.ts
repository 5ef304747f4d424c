import { PipelineError } from '@pipelines/pipeline';

/** What an organization may run. A null limit is unlimited. */
export interface Plan {
  readonly org: string;
  /** As Supabase has it; ACTIVE and TRIAL, in any case, may run. */
  readonly status: string;
  readonly trialEndsAt: Date | null;
  /** Whether the trial's end lies in the past, by the clock of the database that holds the plan. */
  readonly trialEnded: boolean;
  readonly dailyLimit: number | null;
  readonly monthlyLimit: number | null;
  readonly concurrentLimit: number | null;
}

/** @throws PipelineError `subscription_inactive` unless the subscription is ACTIVE, or a TRIAL that has not ended. */
export function assertActive(plan: Plan): void {
  const status = plan.status.toUpperCase();
  if (status === 'ACTIVE') return;
  if (status === 'TRIAL') {
    if (!plan.trialEnded) return;
    throw new PipelineError(
      'subscription_inactive',
      `The trial of "${plan.org}" ended at ${plan.trialEndsAt?.toISOString()}. Activate the subscription to run pipelines.`,
      { facts: { subscription_status: 'TRIAL', trial_ends_at: plan.trialEndsAt } },
    );
  }
  throw new PipelineError(
    'subscription_inactive',
    `The subscription of "${plan.org}" is "${plan.status}"; runs need ACTIVE or TRIAL.`,
    { facts: { subscription_status: plan.status } },
  );
}

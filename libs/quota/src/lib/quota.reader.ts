import { Injectable } from '@nestjs/common';
import type { Plan } from './plan.ts';
import { PlanReader } from './plan.reader.ts';
import { UsageReader, type Usage } from './usage.reader.ts';

/** The plan of an organization and what is used of it. */
export interface Quota {
  readonly plan: Plan;
  readonly usage: Usage;
}

/** Reads what an organization may run and what it has used, for whoever shows both. */
@Injectable()
export class QuotaReader {
  constructor(
    private readonly plans: PlanReader,
    private readonly usage: UsageReader,
  ) {}

  /** @throws PipelineError `subscription_inactive` without a subscription, or `plan_unavailable`. */
  async read(org: string): Promise<Quota> {
    return { plan: await this.plans.read(org), usage: await this.usage.read(org) };
  }
}

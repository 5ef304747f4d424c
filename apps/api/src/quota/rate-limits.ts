import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { PlanReader, quotaStatus, UsageReader, type Plan, type Usage } from '@pipelines/quota';
import type { FastifyReply } from 'fastify';
import { setRateLimitHeaders } from './rate-limit-headers.ts';

const READ_WITHIN_MS = 1_000;

/** The limits of organizations, for answers that were decided without them. */
@Injectable()
export class RateLimits {
  constructor(
    private readonly plans: PlanReader,
    private readonly usage: UsageReader,
  ) {}

  /** States the limits on the answer, unless they cannot be read soon: they are no reason to answer otherwise, or late. */
  async state(reply: FastifyReply, org: string): Promise<void> {
    const read = this.read(org).catch(() => undefined);
    const quota = await Promise.race([read, delay(READ_WITHIN_MS, undefined, { ref: false })]);
    if (quota) setRateLimitHeaders(reply, quotaStatus(quota.plan, quota.usage), quota.usage.readAt);
  }

  private async read(org: string): Promise<{ readonly plan: Plan; readonly usage: Usage }> {
    return { plan: await this.plans.read(org), usage: await this.usage.read(org) };
  }
}

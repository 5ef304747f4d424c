import { Injectable } from '@nestjs/common';
import { PlanReader, quotaStatus, UsageReader } from '@pipelines/quota';
import type { FastifyReply } from 'fastify';
import { setRateLimitHeaders } from './rate-limit-headers.ts';

/** The limits of organizations, for answers that were decided without them. */
@Injectable()
export class RateLimits {
  constructor(
    private readonly plans: PlanReader,
    private readonly usage: UsageReader,
  ) {}

  /** States the limits on the answer, unless they cannot be read: they are no reason to answer otherwise. */
  async state(reply: FastifyReply, org: string): Promise<void> {
    try {
      const plan = await this.plans.read(org);
      const usage = await this.usage.read(org);
      setRateLimitHeaders(reply, quotaStatus(plan, usage), usage.readAt);
    } catch {
      return;
    }
  }
}

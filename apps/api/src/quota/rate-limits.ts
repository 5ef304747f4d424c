import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { QuotaReader, quotaStatus } from '@pipelines/quota';
import type { FastifyReply } from 'fastify';
import { setRateLimitHeaders } from './rate-limit-headers.ts';

const READ_WITHIN_MS = 1_000;

/** The limits of organizations, for answers that were decided without them. */
@Injectable()
export class RateLimits {
  constructor(private readonly quotas: QuotaReader) {}

  /** States the limits on the answer, unless they cannot be read soon: they are no reason to answer otherwise, or late. */
  async state(reply: FastifyReply, org: string): Promise<void> {
    const read = this.quotas.read(org).catch(() => undefined);
    const quota = await Promise.race([read, delay(READ_WITHIN_MS, undefined, { ref: false })]);
    if (quota) setRateLimitHeaders(reply, quotaStatus(quota.plan, quota.usage), quota.usage.readAt);
  }
}

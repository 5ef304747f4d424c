import { rateLimitFields, type LimitStatus } from '@pipelines/quota';
import type { FastifyReply } from 'fastify';

/** States the limits in the fields `RateLimit-Policy` and `RateLimit`; nothing when none is set. */
export function setRateLimitHeaders(reply: FastifyReply, limits: readonly LimitStatus[], now: Date): void {
  const fields = rateLimitFields(limits, now);
  if (fields) void reply.headers({ 'ratelimit-policy': fields.policy, ratelimit: fields.limit });
}

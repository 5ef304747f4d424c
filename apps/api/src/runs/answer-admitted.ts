import { quotaStatus, QuotaExceededError } from '@pipelines/quota';
import type { AdmittedRun } from '@pipelines/runs';
import type { FastifyReply } from 'fastify';
import { setRateLimitHeaders } from '../quota/rate-limit-headers.ts';
import type { RunAcceptedView } from './run-accepted.view.ts';
import { statusPath } from './run-status.view.ts';

/** What OpenAPI says of an answer that started a run. */
export const RUN_STARTED = {
  description: 'The run is admitted and waits for a worker.',
  headers: {
    Location: {
      description: 'Where the run can be followed.',
      schema: { type: 'string', format: 'uri-reference' },
    },
    'RateLimit-Policy': { description: 'The limits of the plan that are set.', schema: { type: 'string' } },
    RateLimit: { description: 'What remains of them, and when they start anew.', schema: { type: 'string' } },
  },
} as const;

/** An admitted run and the pipeline it runs. */
export interface AdmittedPipeline {
  readonly admitted: AdmittedRun;
  readonly path: Readonly<Record<'org' | 'provider' | 'domain' | 'pipeline', string>>;
}

/** Answers with the run that was admitted, and states the limits whether it was or not. */
export async function answerAdmitted(
  reply: FastifyReply,
  admit: () => Promise<AdmittedPipeline>,
): Promise<RunAcceptedView> {
  try {
    const { admitted, path } = await admit();
    const { runId, window, status, replayed, quota } = admitted;
    if (quota) setRateLimitHeaders(reply, quotaStatus(quota.plan, quota.usage), quota.usage.readAt);
    if (replayed) void reply.status(200).header('idempotent-replay', 'true');
    const location = statusPath(path.org, runId);
    void reply.header('location', location);
    return { run_id: runId, ...path, status, window, links: { status: location } };
  } catch (error) {
    if (error instanceof QuotaExceededError) setRateLimitHeaders(reply, error.limits, error.readAt);
    throw error;
  }
}

import { Injectable } from '@nestjs/common';
import { PipelineError } from '@pipelines/pipeline';
import { quotaStatus, QuotaExceededError } from '@pipelines/quota';
import type { AdmittedRun, RunPreview } from '@pipelines/runs';
import type { FastifyReply } from 'fastify';
import { setRateLimitHeaders } from '../quota/rate-limit-headers.ts';
import { RateLimits } from '../quota/rate-limits.ts';
import type { RunAcceptedView } from './run-accepted.view.ts';
import { previewView, type RunPreviewView } from './run-preview.view.ts';
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

/** Answers whoever asked for a run, and states the limits of the plan whether it was admitted or not. */
@Injectable()
export class RunAnswers {
  constructor(private readonly limits: RateLimits) {}

  /** The run that was admitted, or that an earlier request had started. */
  admitted(
    reply: FastifyReply,
    org: string,
    admit: () => Promise<AdmittedPipeline>,
  ): Promise<RunAcceptedView> {
    return this.withLimits(reply, org, async () => {
      const { admitted, path } = await admit();
      const { runId, window, status, replayed, quota } = admitted;
      if (quota) setRateLimitHeaders(reply, quotaStatus(quota.plan, quota.usage), quota.usage.readAt);
      else await this.limits.state(reply, org);
      if (replayed) void reply.status(200).header('idempotent-replay', 'true');
      const location = statusPath(org, runId);
      void reply.header('location', location);
      return { run_id: runId, ...path, status, window, links: { status: location } };
    });
  }

  /** What a run would do. */
  previewed(reply: FastifyReply, org: string, preview: () => Promise<RunPreview>): Promise<RunPreviewView> {
    return this.withLimits(reply, org, async () => {
      const previewed = await preview();
      const { quota } = previewed;
      const limits = quota && quotaStatus(quota.plan, quota.usage);
      if (limits) setRateLimitHeaders(reply, limits, quota.usage.readAt);
      void reply.status(200);
      return previewView(previewed, limits);
    });
  }

  /** What a refusal that need not last tells has nothing to do with limits, and may be that they cannot be read. */
  private async withLimits<T>(reply: FastifyReply, org: string, answer: () => Promise<T>): Promise<T> {
    try {
      return await answer();
    } catch (error) {
      if (error instanceof QuotaExceededError) setRateLimitHeaders(reply, error.limits, error.readAt);
      else if (error instanceof PipelineError && !error.transient) await this.limits.state(reply, org);
      throw error;
    }
  }
}

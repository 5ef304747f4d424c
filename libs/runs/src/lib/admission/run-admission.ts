import { randomUUIDv7 } from 'node:crypto';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { PipelineCatalog, type ResolvedPipeline } from '@pipelines/config-resolver';
import { DatabaseClock } from '@pipelines/database';
import {
  PipelineError,
  resolveWindow,
  toUtcDate,
  type RunWindow,
  type WindowRequest,
} from '@pipelines/pipeline';
import { RunQueue } from '@pipelines/queue';
import { assertActive, PlanReader, quotaDenial, UsageReader, type Quota } from '@pipelines/quota';
import { DataSource } from 'typeorm';
import { RunHistory } from '../history/run-history.ts';
import { RunMetrics } from '../metrics/run-metrics.ts';
import type { RunEntity } from '../run.entity.ts';
import type { RunStatus } from '../run-status.ts';
import { admitRun, type RunRequest } from './admit-run.ts';
import { findEarlierRun, isAdmittedAlready, type RepeatableRequest } from './earlier-run.ts';
import { forgetExpiredKeys, idempotencyKey } from './idempotency.ts';

/** What a caller asks to run. */
export interface AdmissionRequest {
  readonly org: string;
  readonly provider: string;
  readonly domain: string;
  readonly pipeline: string;
  readonly window: WindowRequest;
  /** By which a repeated request gets the run of the first instead of a second one. */
  readonly idempotencyKey?: string;
}

/** A run that was admitted, or that an earlier request with the same idempotency key had started. */
export interface AdmittedRun {
  readonly runId: string;
  readonly window: RunWindow;
  /** Where the run stands: a replay may find it anywhere. */
  readonly status: RunStatus;
  readonly replayed: boolean;
  /** This run included. Absent for a replay. */
  readonly quota?: Quota;
}

/** What a run would do. */
export interface RunPreview {
  readonly window: RunWindow;
  readonly pipeline: ResolvedPipeline;
  /** Before the run. Absent without a subscription. */
  readonly quota?: Quota;
  /** Why the plan would refuse the run now. */
  readonly refusal?: PipelineError;
}

/**
 * A slot that frees between the refusal and the look at the counter makes the refusal unexplainable; the admission is
 * then simply tried again, at most this often.
 */
const MAX_TRIES = 5;
const CONTENDED_RETRY_MS = 1_000;

/** By then a load balancer has noticed, or the process has been started again. */
const STOPPING_RETRY_MS = 2_000;

/** The one door by which a run enters the service. The organization must exist. */
@Injectable()
export class RunAdmission implements OnModuleDestroy {
  private stopping = false;

  constructor(
    private readonly dataSource: DataSource,
    private readonly catalog: PipelineCatalog,
    private readonly plans: PlanReader,
    private readonly usage: UsageReader,
    private readonly queue: RunQueue,
    private readonly history: RunHistory,
    private readonly clock: DatabaseClock,
    private readonly metrics: RunMetrics,
  ) {}

  /** From here on nothing is admitted; runs under way go on for their grace period. */
  onModuleDestroy(): void {
    this.stopping = true;
  }

  /**
   * Checks the catalog, the window and the plan, and admits the run.
   *
   * @throws PipelineError `pipeline_not_found`, `pipeline_invalid`, a window error, `subscription_inactive`,
   * `plan_unavailable`, `quota_exceeded`, `idempotency_key_reused` or `shutting_down`. Nothing was admitted then.
   */
  async admit(request: AdmissionRequest): Promise<AdmittedRun> {
    return this.metrics.countAdmission(this.admitRequested(request));
  }

  /**
   * What a run would load and whether the plan allows it now. Admits nothing.
   * @throws PipelineError as {@link admit} does, but for the plan's refusals, which are part of the answer.
   */
  async preview({ window: requested, ...path }: AdmissionRequest): Promise<RunPreview> {
    const definition = this.catalog.find(path.provider, path.domain, path.pipeline);
    const window = resolveWindow(requested, definition.window, toUtcDate(this.clock.now()));
    const pipeline = this.catalog.resolveRun(definition, { org: path.org, runId: randomUUIDv7(), window });
    let quota: Quota | undefined;
    try {
      const plan = await this.plans.read(path.org);
      quota = { plan, usage: await this.usage.read(path.org) };
      assertActive(plan);
      return { window, pipeline, quota, refusal: quotaDenial(plan, quota.usage) };
    } catch (error) {
      if (error instanceof PipelineError && error.code === 'subscription_inactive') {
        return { window, pipeline, quota, refusal: error };
      }
      throw error;
    }
  }

  /**
   * Starts the pipeline of a run that has ended anew, for the same window, as a run of its own.
   * @param key By which a repeated request gets the run of the first instead of another one.
   * @throws PipelineError `run_not_found`, `run_not_ended`, and what {@link admit} throws.
   */
  async retry(
    org: string,
    runId: string,
    key?: string,
  ): Promise<{ readonly admitted: AdmittedRun; readonly original: RunEntity }> {
    const original = await this.history.get(org, runId);
    if (original.finishedAt === null) {
      throw new PipelineError(
        'run_not_ended',
        `Run ${runId} is ${original.status}; only a run that has ended can be run again. Cancel it first.`,
      );
    }
    const { provider, domain, pipeline, windowStart, windowEnd } = original;
    const admitted = await this.admitWindow({
      org,
      provider,
      domain,
      pipeline,
      window: { start: windowStart, end: windowEnd },
      retryOf: runId,
      idempotency: key === undefined ? undefined : idempotencyKey(key, { org, retryOf: runId }),
    });
    return { admitted, original };
  }

  /**
   * Admits a run whose window is settled: one that repeats another, or that a backfill or a schedule asks for. Asked
   * again for the same window of a backfill, or the same occurrence, it answers with the run that was admitted then.
   * @throws PipelineError as {@link admit} does, but for the errors of a window.
   */
  async admitWindow(request: Omit<RunRequest, 'runId'>): Promise<AdmittedRun> {
    const resolve = () => {
      this.catalog.find(request.provider, request.domain, request.pipeline);
      return request.window;
    };
    return this.metrics.countAdmission(this.admitOnce(request, resolve));
  }

  private async admitRequested({
    window: requested,
    idempotencyKey: key,
    ...path
  }: AdmissionRequest): Promise<AdmittedRun> {
    const idempotency = key === undefined ? undefined : idempotencyKey(key, { ...path, requested });
    return this.admitOnce({ ...path, idempotency }, () => {
      const definition = this.catalog.find(path.provider, path.domain, path.pipeline);
      return resolveWindow(requested, definition.window, toUtcDate(this.clock.now()));
    });
  }

  /**
   * @param resolve The window, or the error that is in the run's way; a repeated request needs neither, and finds its
   * run also when the pipeline was taken away meanwhile.
   */
  private async admitOnce(same: RepeatableRequest, resolve: () => RunWindow): Promise<AdmittedRun> {
    if (this.stopping) {
      throw new PipelineError(
        'shutting_down',
        'This process is stopping; nothing was started. Send the request again.',
        { retryAfterMs: STOPPING_RETRY_MS },
      );
    }
    const replayed = await this.replayOf(same);
    if (replayed) return replayed;
    const request = { ...same, runId: randomUUIDv7(), window: resolve() };
    if (request.idempotency) await forgetExpiredKeys(this.dataSource, request.org, request.idempotency.key);
    try {
      return await this.admitWithinPlan(request);
    } catch (error) {
      // Another request for the same may have been admitted meanwhile, and have taken the last of the quota.
      const contended =
        isAdmittedAlready(error) || (error instanceof PipelineError && error.code === 'quota_exceeded');
      const first = contended ? await this.replayOf(same) : undefined;
      if (first) return first;
      throw error;
    }
  }

  private async admitWithinPlan(request: RunRequest): Promise<AdmittedRun> {
    const { org, runId, window } = request;
    for (let tries = 1; ; tries++) {
      const plan = await this.plans.read(org);
      assertActive(plan);
      const { admitted, healed, ...usage } = await admitRun(this.dataSource, request, plan);
      if (admitted) {
        this.metrics.runsFailed('worker_lost', healed);
        this.queue.wake();
        return { runId, window, status: 'pending', replayed: false, quota: { plan, usage } };
      }
      const denial = quotaDenial(plan, usage) ?? quotaDenial(plan, await this.usage.read(org));
      if (denial) throw denial;
      if (tries === MAX_TRIES) {
        throw new PipelineError(
          'admission_contended',
          `The last of what the plan allows "${org}" was taken and given back faster than this run could be decided on. Try again.`,
          { retryAfterMs: CONTENDED_RETRY_MS },
        );
      }
    }
  }

  private async replayOf(same: RepeatableRequest): Promise<AdmittedRun | undefined> {
    const runId = await findEarlierRun(this.dataSource, same);
    if (runId === undefined) return undefined;
    const { windowStart, windowEnd, status } = await this.history.get(same.org, runId);
    return { runId, window: { start: windowStart, end: windowEnd }, status, replayed: true };
  }
}

import { Injectable, Logger } from '@nestjs/common';
import { PipelineCatalog, type ResolvedPipeline, type RetryPolicy } from '@pipelines/config-resolver';
import { CredentialStore } from '@pipelines/credentials';
import { LeftOut, PipelineError } from '@pipelines/pipeline';
import { RunQueue } from '@pipelines/queue';
import { DataSource } from 'typeorm';
import { RunMetrics } from '../metrics/run-metrics.ts';
import type { Interruption, RunReceipt } from '../run.entity.ts';
import { settleCompleted, settleFailed } from '../settlement/settle-run.ts';
import { errorOfUncommitted, outcomeOf } from './attempt-outcome.ts';
import { AttemptWork, cancelled, LeaseLostError } from './attempt-work.ts';
import {
  recordProof,
  startRunning,
  waitAgain,
  type Attempt,
  type LoadStart,
  type WaitReason,
} from './attempt.ts';
import { RunLease } from './run-lease.ts';
import { RunLoad } from './run-load.ts';

/** A run that takes its worker down this often is not tried again. */
const MAX_LOST_ATTEMPTS = 5;
const NO_RETRY: RetryPolicy = { limit: 0, delayMs: 0 };

/**
 * Executes one attempt at a run: validating (configuration, credential, processor) → running (load) → settled.
 *
 * It throws only when the outcome could not be written, because the database is away. Nothing is lost then: the claim
 * lapses, and the next attempt finds out from the warehouse whether this one had committed.
 */
@Injectable()
export class RunExecutor {
  private readonly logger = new Logger(RunExecutor.name);

  constructor(
    private readonly dataSource: DataSource,
    private readonly queue: RunQueue,
    private readonly catalog: PipelineCatalog,
    private readonly credentials: CredentialStore,
    private readonly loads: RunLoad,
    private readonly metrics: RunMetrics,
  ) {}

  /** @param stopping Aborted with a `WorkerStoppedError` when the worker cannot wait any longer. */
  async execute(attempt: Attempt, stopping: AbortSignal): Promise<void> {
    this.metrics.runClaimed(attempt);
    const work = new AttemptWork(attempt, stopping);
    const lease = new RunLease(this.dataSource, this.queue, work, this.metrics);
    const ended = await this.perform(work).then(
      (receipt) => () => this.settleCompleted(work, receipt),
      (error: unknown) => () => this.settleUnfinished(work, error),
    );
    work.end();
    await lease.end();
    await ended();
  }

  private async perform(work: AttemptWork): Promise<RunReceipt> {
    const { attempt } = work;
    const committed = await this.loads.findCommitted(attempt, work.signal);
    if (committed) {
      await this.start(attempt);
      return committed;
    }
    work.startAnew();
    if (attempt.cancelRequested) throw cancelled();
    const error = errorOfUncommitted(attempt, this.retryOf(attempt));
    if (error) throw error;
    if (attempt.lostAttempts > MAX_LOST_ATTEMPTS) {
      throw new PipelineError(
        'worker_lost',
        `${attempt.lostAttempts} workers were lost while they executed this run; it is not tried again.`,
      );
    }
    return this.load(work);
  }

  private async load(work: AttemptWork): Promise<RunReceipt> {
    const { attempt, signal } = work;
    const { runId, org, provider, window } = attempt;
    const pipeline = this.resolve(attempt);
    work.limitTo(pipeline.timeoutMs);
    const secret = await this.credentials.open(org, provider, pipeline.credentials);
    work.uses(secret);
    const { options, credentials: credentialName } = pipeline;
    const leftOut = new LeftOut(runId);
    const context = { runId, org, window, options, secret, credentialName, leftOut, signal };
    const prepared = await this.loads.prepare(attempt, pipeline, context);
    work.rowsExtracted = () => prepared.tally.rows;
    const { target, place, credential } = prepared.load;
    work.uses(credential?.secret);
    await this.start(attempt, { configHash: pipeline.hash, target, place });
    return this.loads.execute(prepared, {
      beforeCommit: async (proof) => {
        const recorded = await recordProof(this.dataSource, attempt, proof);
        if (!this.metrics.written('proof', recorded)) throw new LeaseLostError(attempt);
        signal.throwIfAborted();
        work.committing = true;
      },
      stagingLeft: () => (work.stagingLeft = true),
    });
  }

  private async start(attempt: Attempt, load?: LoadStart): Promise<void> {
    const started = await startRunning(this.dataSource, attempt, load);
    if (!this.metrics.written('start', started)) throw new LeaseLostError(attempt);
  }

  private resolve({ org, provider, domain, pipeline, runId, window }: Attempt): ResolvedPipeline {
    const definition = this.catalog.find(provider, domain, pipeline);
    return this.catalog.resolveRun(definition, { org, runId, window });
  }

  private async settleCompleted({ attempt, stagingLeft }: AttemptWork, receipt: RunReceipt): Promise<void> {
    const settled = await settleCompleted(this.dataSource, attempt, receipt, stagingLeft);
    this.logger.log(
      this.metrics.runSettled(settled, attempt)
        ? `Run ${attempt.runId} completed: ${receipt.rows.committed} rows in ${receipt.target}.`
        : `Run ${attempt.runId}: attempt ${attempt.number} committed, but another one settles it.`,
    );
  }

  private async settleUnfinished(work: AttemptWork, thrown: unknown): Promise<void> {
    const { attempt, stagingLeft } = work;
    const outcome = outcomeOf(work.redacted(thrown), work, this.retryOf(attempt));
    switch (outcome.kind) {
      case 'taken_over':
        this.logger.warn(`Run ${attempt.runId}: attempt ${attempt.number} was taken over.`);
        return;
      case 'released':
        await this.waitAgain(work, 'worker_stopped', 0);
        return;
      case 'retried':
        this.warn(attempt, `is tried again in ${outcome.delayMs} ms`, outcome.error);
        await this.waitAgain(work, 'retry_backoff', outcome.delayMs, outcome.interruption);
        return;
      case 'failed': {
        this.warn(attempt, 'failed', outcome.error);
        const settled = await settleFailed(
          this.dataSource,
          attempt,
          outcome.error,
          work.rowsExtracted(),
          stagingLeft,
        );
        this.metrics.runSettled(settled, attempt, outcome.error.code);
      }
    }
  }

  private async waitAgain(
    { attempt, stagingLeft }: AttemptWork,
    reason: WaitReason,
    delayMs: number,
    interruption?: Interruption,
  ): Promise<void> {
    const waiting = await waitAgain(this.dataSource, attempt, reason, delayMs, stagingLeft, interruption);
    this.metrics.written('release', waiting);
  }

  private retryOf({ provider, domain, pipeline }: Attempt): RetryPolicy {
    try {
      return this.catalog.find(provider, domain, pipeline).retry;
    } catch {
      // The pipeline was taken away or broken meanwhile, which is what the attempt has failed with.
      return NO_RETRY;
    }
  }

  private warn(
    { runId }: Attempt,
    what: string,
    { code, message, operatorDetail, cause }: PipelineError,
  ): void {
    this.logger.warn({
      msg: `Run ${runId} ${what}: ${code}: ${message}`,
      detail: operatorDetail,
      err: cause,
    });
  }
}

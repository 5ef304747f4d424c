import { Injectable, Logger } from '@nestjs/common';
import { PipelineCatalog } from '@pipelines/config-resolver';
import { CredentialStore } from '@pipelines/credentials';
import { PipelineError } from '@pipelines/pipeline';
import { RunQueue, type ClaimedJob } from '@pipelines/queue';
import { DataSource } from 'typeorm';
import { settleCompleted, settleFailed } from '../settlement/settle-run.ts';
import type { RunReceipt } from '../run.entity.ts';
import { AttemptWork, LeaseLostError, WorkerStoppedError } from './attempt-work.ts';
import { claimRun, giveBack, renewLease, startRunning } from './attempt.ts';
import { RunLease } from './run-lease.ts';
import { RunLoad } from './run-load.ts';

/**
 * Executes one claimed run: validating (configuration, credential, processor) → running (load) → settled.
 *
 * It throws only when the outcome could not be written, because the database is away. Nothing is lost then: the claim
 * lapses, and the next attempt finds the run as it is.
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
  ) {}

  /** @param stopping Aborted with a {@link WorkerStoppedError} when the worker cannot wait any longer. */
  async execute(job: ClaimedJob, stopping: AbortSignal): Promise<void> {
    const attempt = await claimRun(this.dataSource, job.id);
    if (!attempt) {
      await this.queue.complete(job);
      return;
    }
    const work = new AttemptWork(attempt, stopping);
    const lease = new RunLease(this.dataSource, this.queue, job, work);
    let receipt: RunReceipt;
    try {
      receipt = await this.load(work);
    } catch (error) {
      await lease.end();
      await this.settleUnfinished(job, work, work.signal.aborted ? work.signal.reason : error);
      return;
    } finally {
      work.end();
    }
    await lease.end();
    // A failure from here on is not the run's: the target is committed. The next attempt finds that and settles.
    await settleCompleted(this.dataSource, attempt, receipt);
    await this.queue.complete(job);
    this.logger.log(`Run ${attempt.runId} completed: ${receipt.rows.committed} rows in ${receipt.target}.`);
  }

  private async load(work: AttemptWork): Promise<RunReceipt> {
    const { attempt } = work;
    const { runId, org, provider, window } = attempt;
    const definition = this.catalog.find(provider, attempt.domain, attempt.pipeline);
    const pipeline = this.catalog.resolveRun(definition, { org, runId, window });
    work.limitTo(pipeline.timeoutMs);
    const secret = await this.credentials.open(org, provider, pipeline.credentials);
    const context = { runId, org, window, options: pipeline.options, secret, signal: work.signal };
    const prepared = this.loads.prepare(attempt, pipeline, context);
    work.rowsExtracted = () => prepared.tally.rows;
    if (!(await startRunning(this.dataSource, attempt, pipeline.hash))) throw new LeaseLostError(attempt);
    return this.loads.execute(prepared, async () => {
      const newest = await renewLease(this.dataSource, attempt, work.rowsExtracted());
      if (!newest) throw new LeaseLostError(attempt);
    });
  }

  private async settleUnfinished(job: ClaimedJob, work: AttemptWork, reason: unknown): Promise<void> {
    const { attempt } = work;
    if (reason instanceof LeaseLostError) {
      this.logger.warn(reason.message);
    } else if (reason instanceof WorkerStoppedError) {
      await giveBack(this.dataSource, attempt);
      await this.queue.release(job);
    } else {
      const error = toPipelineError(reason);
      this.logger.warn({
        msg: `Run ${attempt.runId} failed: ${error.code}: ${error.message}`,
        detail: error.operatorDetail,
        err: error.cause,
      });
      await settleFailed(this.dataSource, attempt, error, work.rowsExtracted());
      await this.queue.complete(job);
    }
  }
}

function toPipelineError(reason: unknown): PipelineError {
  if (reason instanceof PipelineError) return reason;
  return new PipelineError(
    'internal_error',
    'An unexpected fault of the service ended the run. The target was not touched unless the receipt says so.',
    { cause: reason },
  );
}

import { Injectable } from '@nestjs/common';
import { PipelineError } from '@pipelines/pipeline';
import { DataSource } from 'typeorm';
import { RunMetrics } from '../metrics/run-metrics.ts';
import type { RunStatus } from '../run-status.ts';
import { cancelRun, type Cancellation } from './cancel-run.ts';

/** Ends runs before they are done. */
@Injectable()
export class RunCancellation {
  constructor(
    private readonly dataSource: DataSource,
    private readonly metrics: RunMetrics,
  ) {}

  /**
   * Fails a waiting run at once with `cancelled`; tells the worker of a run under way to stop. A run that waits to find
   * out whether it has committed is told as well: it completes if it has.
   * @throws PipelineError `run_not_found`, or `run_ended` when there is nothing left to cancel.
   */
  async cancel(org: string, runId: string): Promise<void> {
    const outcome = await this.end(org, runId);
    if (outcome === 'unknown') throw new PipelineError('run_not_found', `"${org}" has no run ${runId}.`);
    if (outcome === 'ended') {
      throw new PipelineError('run_ended', `Run ${runId} has ended already; there is nothing to cancel.`);
    }
  }

  /** Cancels a run that still waits for a worker, as {@link cancel} does; leaves any other as it is. */
  async cancelWaiting(org: string, runId: string): Promise<void> {
    await this.end(org, runId, ['pending']);
  }

  private async end(org: string, runId: string, states?: readonly RunStatus[]): Promise<Cancellation> {
    const outcome = await cancelRun(this.dataSource, org, runId, states);
    if (outcome === 'cancelled') this.metrics.runsFailed('cancelled', 1);
    return outcome;
  }
}

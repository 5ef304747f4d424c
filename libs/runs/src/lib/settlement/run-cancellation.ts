import { Injectable } from '@nestjs/common';
import { PipelineError } from '@pipelines/pipeline';
import { DataSource } from 'typeorm';
import { cancelRun } from './cancel-run.ts';

/** Ends runs before they are done. */
@Injectable()
export class RunCancellation {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Fails a waiting run at once with `cancelled`; tells the worker of a run under way to stop.
   * @throws PipelineError `run_not_found`, or `run_ended` when there is nothing left to cancel.
   */
  async cancel(org: string, runId: string): Promise<void> {
    const outcome = await cancelRun(this.dataSource, org, runId);
    if (outcome === 'unknown') throw new PipelineError('run_not_found', `"${org}" has no run ${runId}.`);
    if (outcome === 'ended') {
      throw new PipelineError('run_ended', `Run ${runId} has ended already; there is nothing to cancel.`);
    }
  }
}

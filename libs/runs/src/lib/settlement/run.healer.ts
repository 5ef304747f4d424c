import { Injectable, Logger } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { DataSource } from 'typeorm';
import { removeLeftTurns } from '../execution/commit-turns.ts';
import { RunMetrics } from '../metrics/run-metrics.ts';
import { healRuns } from './stale-runs.ts';

const EVERY_MS = 60_000;

/** Heals every organization now and then; an admission heals only its own. */
@Injectable()
export class RunHealer {
  private readonly logger = new Logger(RunHealer.name);

  constructor(
    private readonly dataSource: DataSource,
    private readonly metrics: RunMetrics,
  ) {}

  @Interval(EVERY_MS)
  async heal(): Promise<void> {
    try {
      await removeLeftTurns(this.dataSource);
      const { failed, requeued, withdrawn, errors } = await healRuns(this.dataSource);
      this.metrics.runsFailed('worker_lost', failed.length);
      if (failed.length > 0) this.logger.warn(`Gave up ${failed.length} lost runs: ${failed.join(', ')}`);
      if (requeued.length > 0)
        this.logger.warn(`Queued ${requeued.length} runs again: ${requeued.join(', ')}`);
      if (withdrawn.length > 0)
        this.logger.warn(`Withdrew the jobs of ${withdrawn.length} ended runs: ${withdrawn.join(', ')}`);
      for (const error of errors) this.warn(error);
    } catch (error) {
      this.warn(error);
    }
  }

  private warn(error: unknown): void {
    this.logger.error({ msg: 'Healing runs did not succeed; it is tried again.', err: error });
  }
}

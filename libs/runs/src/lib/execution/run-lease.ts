import { Logger } from '@nestjs/common';
import type { ClaimedJob, RunQueue } from '@pipelines/queue';
import type { DataSource } from 'typeorm';
import type { AttemptWork } from './attempt-work.ts';
import { renewLease } from './attempt.ts';

const RENEW_EVERY_MS = 1_000;

/**
 * Keeps an attempt alive while it works: renews the run's lease and the queue's claim, and carries the progress along.
 * When either is refused, another worker owns the run, and the attempt's signal is aborted.
 */
export class RunLease {
  private readonly logger = new Logger(RunLease.name);
  private readonly timer: NodeJS.Timeout;
  private renewal: Promise<void> = Promise.resolve();
  private renewing = false;

  constructor(
    private readonly dataSource: DataSource,
    private readonly queue: RunQueue,
    private readonly job: ClaimedJob,
    private readonly work: AttemptWork,
  ) {
    this.timer = setInterval(() => this.tick(), RENEW_EVERY_MS);
  }

  /** Stops renewing and waits for a renewal under way, so that none follows the settlement. */
  async end(): Promise<void> {
    clearInterval(this.timer);
    await this.renewal;
  }

  private tick(): void {
    if (this.renewing) return;
    this.renewing = true;
    this.renewal = this.renew().finally(() => (this.renewing = false));
  }

  private async renew(): Promise<void> {
    try {
      const [leased, claimed] = await Promise.all([
        renewLease(this.dataSource, this.work.attempt, this.work.rowsExtracted()),
        this.queue.touch(this.job),
      ]);
      if (!leased || !claimed) {
        clearInterval(this.timer);
        this.work.lose();
      }
    } catch (error) {
      // The database is away for a moment: the lease outlasts several renewals, and the fence decides in the end.
      this.logger.warn(`Run ${this.work.attempt.runId}: the lease was not renewed: ${String(error)}`);
    }
  }
}

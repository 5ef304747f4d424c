import { Logger } from '@nestjs/common';
import type { RunQueue } from '@pipelines/queue';
import type { DataSource } from 'typeorm';
import type { RunMetrics } from '../metrics/run-metrics.ts';
import type { AttemptWork } from './attempt-work.ts';
import { renewLease } from './attempt.ts';

const TICK_MS = 1_000;
/** The lease is renewed this often, and sooner when there is progress to tell; a cancellation is noticed as often. */
const RENEW_EVERY_MS = 2_000;

/**
 * Keeps an attempt alive while it works: renews the run's lease and the queue's claim, and carries the progress along.
 * When either is refused, another worker owns the run, and the attempt's signal is aborted; so it is when somebody
 * asked for the run to be cancelled.
 */
export class RunLease {
  private readonly logger = new Logger(RunLease.name);
  private readonly timer: NodeJS.Timeout;
  private renewal?: Promise<void>;
  private renewedAt = performance.now();
  private rowsTold = 0;

  constructor(
    private readonly dataSource: DataSource,
    private readonly queue: RunQueue,
    private readonly work: AttemptWork,
    private readonly metrics: RunMetrics,
  ) {
    this.timer = setInterval(() => this.tick(), TICK_MS);
  }

  /** Stops renewing and waits for a renewal under way, so that none follows the settlement. */
  async end(): Promise<void> {
    clearInterval(this.timer);
    await this.renewal;
  }

  private tick(): void {
    const due = performance.now() - this.renewedAt >= RENEW_EVERY_MS;
    const progressed = this.work.rowsExtracted() !== this.rowsTold;
    if (this.renewal || !(due || progressed)) return;
    this.renewal = this.renew().finally(() => (this.renewal = undefined));
  }

  private async renew(): Promise<void> {
    const rows = this.work.rowsExtracted();
    const { runId, claim } = this.work.attempt;
    try {
      const [lease, claimed] = await Promise.all([
        renewLease(this.dataSource, this.work.attempt, rows),
        this.queue.touch({ id: runId, retryCount: claim }),
      ]);
      this.renewedAt = performance.now();
      this.rowsTold = rows;
      const held = this.metrics.written('progress', lease !== 'lost');
      if (!held || !claimed) {
        clearInterval(this.timer);
        this.work.lose();
      } else if (lease === 'cancel_requested') {
        this.work.cancel();
      }
    } catch (error) {
      // The database is away for a moment: the lease outlasts several renewals, and the fence decides in the end.
      this.logger.warn({ msg: `Run ${this.work.attempt.runId}: the lease was not renewed.`, err: error });
    }
  }
}

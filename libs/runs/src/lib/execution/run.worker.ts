import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { RunQueue } from '@pipelines/queue';
import { DataSource } from 'typeorm';
import { RUNS_OPTIONS, type RunsOptions } from '../runs.options.ts';
import { WorkerStoppedError } from './attempt-work.ts';
import type { Attempt } from './attempt.ts';
import { claimRuns } from './claim-runs.ts';
import { RunExecutor } from './run.executor.ts';

/** How soon a job that another process enqueued is noticed at the latest. */
const POLL_MS = 1_000;

/**
 * Keeps `concurrency` runs going: claims as many as it has free slots, again as soon as one frees, woken by
 * admissions of this process and by a slow poll otherwise.
 */
@Injectable()
export class RunWorker implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(RunWorker.name);
  private readonly stopping = new AbortController();
  private readonly active = new Set<Promise<void>>();
  private poll?: NodeJS.Timeout;
  private claiming?: Promise<void>;
  private wokenWhileClaiming = false;
  private stopped = false;

  constructor(
    private readonly dataSource: DataSource,
    private readonly queue: RunQueue,
    private readonly executor: RunExecutor,
    @Inject(RUNS_OPTIONS) private readonly options: RunsOptions,
  ) {}

  onApplicationBootstrap(): void {
    this.queue.onWake(() => this.wake());
    this.poll = setInterval(() => this.wake(), POLL_MS);
    this.wake();
  }

  /** Claims nothing more, lets runs finish within the grace period, and gives the others back. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearInterval(this.poll);
    await this.claiming;
    const giveUp = setTimeout(
      () => this.stopping.abort(new WorkerStoppedError('The worker is stopping.')),
      this.options.shutdownGraceMs,
    );
    await Promise.all(this.active);
    clearTimeout(giveUp);
  }

  private wake(): void {
    if (this.claiming) {
      this.wokenWhileClaiming = true;
      return;
    }
    this.claiming = this.claim().finally(() => {
      this.claiming = undefined;
      if (this.wokenWhileClaiming) {
        this.wokenWhileClaiming = false;
        this.wake();
      }
    });
  }

  private async claim(): Promise<void> {
    const free = this.options.concurrency - this.active.size;
    if (free === 0 || this.stopped) return;
    try {
      for (const attempt of await claimRuns(this.dataSource, free)) this.start(attempt);
    } catch (error) {
      this.logger.warn({ msg: 'The queue did not answer; asking again.', err: error });
    }
  }

  private start(attempt: Attempt): void {
    const run = this.executor
      .execute(attempt, this.stopping.signal)
      .catch((error: unknown) =>
        this.logger.error({ msg: `Run ${attempt.runId} was left to a take-over.`, err: error }),
      )
      .finally(() => {
        this.active.delete(run);
        this.wake();
      });
    this.active.add(run);
  }
}

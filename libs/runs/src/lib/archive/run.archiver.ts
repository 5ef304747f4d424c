import { Inject, Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { DataSource } from 'typeorm';
import { RunMetrics } from '../metrics/run-metrics.ts';
import { RUNS_OPTIONS, type RunsOptions } from '../runs.options.ts';
import { archiveBatch } from './archive-runs.ts';

const EVERY_MS = 10 * 60_000;
/** Few enough that the locks of a batch are held for a moment only. */
const BATCH = 1_000;

/** Keeps the table of runs small: moves those that ended long ago to the archive. Every process does so. */
@Injectable()
export class RunArchiver implements OnModuleDestroy {
  private readonly logger = new Logger(RunArchiver.name);
  private archiving = false;
  private stopping = false;

  constructor(
    private readonly dataSource: DataSource,
    private readonly metrics: RunMetrics,
    @Inject(RUNS_OPTIONS) private readonly options: Pick<RunsOptions, 'archiveAfterDays'>,
  ) {}

  onModuleDestroy(): void {
    this.stopping = true;
  }

  /** Batch after batch until nothing is left to move. Safe to be cut off at any point. */
  @Interval(EVERY_MS)
  async archive(): Promise<void> {
    if (this.archiving) return;
    this.archiving = true;
    try {
      let archived: number;
      do {
        archived = await archiveBatch(this.dataSource, this.options.archiveAfterDays, BATCH);
        this.metrics.runsArchived(archived);
      } while (archived > 0 && !this.stopping);
    } catch (error) {
      this.logger.error({ msg: 'Archiving runs did not succeed; it is tried again.', err: error });
    } finally {
      this.archiving = false;
    }
  }
}

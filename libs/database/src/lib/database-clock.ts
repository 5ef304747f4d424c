import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';

const SYNC_EVERY_MS = 60_000;

/**
 * The time of the database, which is the same for every process, whatever its own clock says. It is read once a minute
 * and carried on in between by a clock that nobody sets, so that asking for it costs no query.
 *
 * It tells which day a request falls on. What must be exact at the boundary, such as the roll-over of a counter, is
 * decided in SQL by `pipelines.utc_now()`, from which this time comes too.
 */
@Injectable()
export class DatabaseClock implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger(DatabaseClock.name);
  private timer?: NodeJS.Timeout;
  /** Milliseconds since the epoch when the process's monotonic clock stood at zero. */
  private origin = 0;

  constructor(private readonly dataSource: DataSource) {}

  async onModuleInit(): Promise<void> {
    await this.sync();
    this.timer = setInterval(() => void this.resync(), SYNC_EVERY_MS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  now(): Date {
    return new Date(this.origin + performance.now());
  }

  private async sync(): Promise<void> {
    const [row] = await this.dataSource.query<{ now: Date }[]>('SELECT pipelines.utc_now() AS now');
    this.origin = row!.now.getTime() - performance.now();
  }

  private async resync(): Promise<void> {
    try {
      await this.sync();
    } catch (error) {
      this.logger.warn({ msg: 'The clock of the database was not read; it is read again soon.', err: error });
    }
  }
}

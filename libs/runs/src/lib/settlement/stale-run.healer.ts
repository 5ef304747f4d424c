import { Injectable, Logger } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { DataSource } from 'typeorm';
import { healStaleRuns } from './stale-runs.ts';

const EVERY_MS = 60_000;

/** Heals every organization now and then; an admission heals only its own. */
@Injectable()
export class StaleRunHealer {
  private readonly logger = new Logger(StaleRunHealer.name);

  constructor(private readonly dataSource: DataSource) {}

  @Interval(EVERY_MS)
  async heal(): Promise<void> {
    try {
      const healed = await healStaleRuns(this.dataSource);
      if (healed.length > 0) this.logger.warn(`Gave up ${healed.length} lost runs: ${healed.join(', ')}`);
    } catch (error) {
      this.logger.error({ msg: 'Healing lost runs did not succeed; it is tried again.', err: error });
    }
  }
}
